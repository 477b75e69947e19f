"""Prints which services are absent from which Regions, by the endpoint data that botocore publishes.

Services are the names of the JavaScript clients' endpoint prefixes. A service without any regional entry in the
data (a new one, or a global one) is left out: nothing is known of it.
"""
import json
import sys

import botocore.session

PARTITIONS = ["aws", "aws-us-gov", "aws-cn"]

session = botocore.session.get_session()
services = sys.argv[1:]
absent = {}
for service in services:
    for partition in PARTITIONS:
        every = set(session.get_available_regions("ec2", partition_name=partition))
        there = set(session.get_available_regions(service, partition_name=partition))
        if there and every - there:
            absent.setdefault(service, []).extend(sorted(every - there))
json.dump({key: sorted(value) for key, value in sorted(absent.items())}, sys.stdout, indent=2)
print()
