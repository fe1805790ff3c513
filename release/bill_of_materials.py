"""The bill of materials: everything that is installed with a release, as CycloneDX has it.

It is made from ``uv.lock`` alone, so that the same commit has the same bill wherever it is made.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

LICENSE = "Apache-2.0"


def bill_of_materials(
    exported: bytes, *, seconds: int, distributions: Iterable[Path] = ()
) -> bytes:
    """Return the bill of a release, from what uv exported of the lock.

    ``seconds`` is the time of the commit. Its number follows from what it says, where uv draws one.
    The distributions are named with their digests, so that the bill is one of these very files.
    """
    bill: dict[str, Any] = json.loads(exported)
    product = bill["metadata"]["component"]
    bill["metadata"]["timestamp"] = datetime.fromtimestamp(seconds, UTC).isoformat()
    bill["metadata"]["component"] = {
        "type": "application", "bom-ref": product["bom-ref"], "name": product["name"],
        "version": product["version"], "licenses": [{"license": {"id": LICENSE}}],
        "purl": f"pkg:pypi/{product['name']}@{product['version']}",
        "externalReferences": [
            {
                "type": "distribution", "url": each.name,
                "hashes": [{"alg": "SHA-256", "content": sha256(each.read_bytes()).hexdigest()}],
            }
            for each in distributions
        ],
    }
    del bill["serialNumber"]
    number = uuid5(NAMESPACE_URL, sha256(_written(bill)).hexdigest())
    return _written({**bill, "serialNumber": f"urn:uuid:{number}"})


def _written(bill: dict[str, Any]) -> bytes:
    return json.dumps(bill, indent=2, sort_keys=True).encode() + b"\n"
