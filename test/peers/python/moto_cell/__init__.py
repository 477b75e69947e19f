"""What is put into one account and Region of a moto server: one file per service, each with a function `fill(cell)`.

A file plants, and says in the ledger, written from what it asks of moto and not from the audit's queries, what an honest
audit can judge of it.
"""

STRANGER = "999988887777"


class Ledger:
    """What was planted: judgements to expect, and resources that no control judges in moto but that are to be read."""

    def __init__(self):
        self.judged = []
        self.held = []


class Cell:
    """One account in one Region, with a client for each service."""

    def __init__(self, session, ledger, account, region):
        self.session = session
        self.ledger = ledger
        self.account = account
        self.region = region
        self.keys = {}
        self.sibling = account
        self.recorded = False

    def client(self, service):
        return self.session(service)

    def arn(self, service, resource):
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def plant(self, control, status, arn):
        place = {"account_id": self.account, "region": self.region}
        self.ledger.judged.append({"control_id": control, "status": status, "resource_arn": arn, **place})

    def judge(self, control, sound, arn):
        self.plant(control, "pass" if sound else "fail", arn)

    def hold(self, table, arn):
        place = {"account_id": self.account, "region": self.region}
        self.ledger.held.append({"table": table, "arn": arn, **place})

    def hold_store(self, arn):
        """A data store that a backup plan could protect: moto knows no selections, so whether one does cannot be told."""
        self.hold("data_stores", arn)
        self.plant("data-stores-are-in-a-backup-plan", "unknown", arn)
