"""Commands about customers: make one known, and forget who one is."""

from typing import ClassVar

from pydantic import Field

from stocktrail.commands.email_address import EmailAddress
from stocktrail.commands.fields import Key, Text
from stocktrail.commands.model import Body, Command
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.customer import PERSONAL, Customer
from stocktrail.ledger.spelling import tidied
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork
from stocktrail.ledger.store.side_tables.ciphertext import Ciphertext

__all__ = ["EraseCustomer", "RegisterCustomer"]


class _CustomerCommand(Command):
    customer: Key = Field(description="The customer, by an id that tells nobody who it is.")

    def stream(self) -> str:
        return Customer.stream_of(self.customer)


class RegisterCustomer(_CustomerCommand):
    """Make a customer known; name, e-mail and address are kept sealed, and can be erased."""

    command: ClassVar[str] = "register-customer"
    example: ClassVar[Body] = {
        "customer": "ANNA", "name": "Anna Berg", "email": "anna@example.org",
    }
    personal: ClassVar[tuple[str, ...]] = PERSONAL

    name: Text | None = Field(default=None, description="What the customer is called.")
    email: EmailAddress | None = Field(
        default=None, description="Where notices to the customer are sent."
    )
    address: Text | None = Field(default=None, description="Where the customer lives.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Register the customer with encrypted fields; what is left out stays as it was."""
        encrypted = self._encrypted()
        key = next((each.key_id for each in encrypted.values()), None)
        customer = work.customer(self.customer)
        return Decision.about(customer, customer.register(key, encrypted))

    def _encrypted(self) -> dict[str, Ciphertext]:
        """Return the personal fields that are given.

        Raises ``RuntimeError`` for a readable one: personal data was not encrypted on its way here,
        and must never reach the log.
        """
        found: dict[str, Ciphertext] = {}
        for field in self.personal:
            given = getattr(self, field)
            if given is not None:
                if not isinstance(given, Ciphertext):
                    raise RuntimeError(f"{self.command} was submitted with a readable {field}")
                found[field] = given
        return found


class EraseCustomer(_CustomerCommand):
    """Forget who a customer is, for ever: the key to name, e-mail and address is destroyed."""

    command: ClassVar[str] = "erase-customer"
    example: ClassVar[Body] = {"customer": "ANNA", "reason": "she asked for it"}

    reason: Text = Field(description="Why; without personal details, for it is kept.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Record the erasure; the key is destroyed with it, and no number changes.

        Earlier versions took ids that are invalid now, with white space at an end or invisible
        characters: who is kept under such an id is meant by it without them.
        """
        customer = work.customer(self.customer)
        if not customer.version:
            customer = work.customer_like(
                lambda kept: tidied(kept) == self.customer
            ) or customer
        return Decision.about(customer, customer.erase(self.reason))
