"""Prints as JSON which of the operations named moto has code for, as its own classes say.

Usage: moto_implements.py SERVICE:OPERATION...
"""

import importlib
import importlib.util
import json
import sys

from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores


def main():
    print(json.dumps([name for name in sys.argv[1:] if is_implemented(*name.split(":"))]))


def is_implemented(service, operation):
    if importlib.util.find_spec(f"moto.{service}") is None:
        return False
    module = importlib.import_module(f"moto.{service}.responses")
    method = camelcase_to_underscores(operation)
    classes = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, BaseResponse)]
    return any(hasattr(each, method) for each in classes)


main()
