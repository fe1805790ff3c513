"""Where a task stands, for reports about tasks that wait or hang."""

import sys
import traceback

from simulation.scheduling.tasks import Task

_OURS = "/simulation/scheduling/"


def told(task: Task) -> str:
    """Return what a task does and waits for, and the calls that led there, innermost last."""
    waits = f" for {task.waits_for}" if task.waits_for else ""
    lines = [f"{task.process.name}/{task.name} {task.phase.value}{waits}"]
    frame = sys._current_frames().get(task.thread_id) if task.has_begun else None
    for call in traceback.extract_stack(frame) if frame is not None else ():
        if _OURS not in call.filename:
            lines.append(f"    {call.filename}:{call.lineno} in {call.name}: {call.line}")
    return "\n".join(lines)
