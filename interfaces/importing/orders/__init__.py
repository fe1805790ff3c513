"""Opening orders and purchase orders: what is still to come of them becomes commands.

Rows are gathered into documents (:mod:`.documents`), read as their system means them
(:mod:`.formats`), compared with the ledger (:mod:`.differences`) and planned (:mod:`.sales`,
:mod:`.purchases`).
"""
