"""moto's server, with the one thing that S3 answers and moto leaves out: in a list of buckets the Region of each."""

from moto.s3.responses import S3Response
from moto.server import main

serialized = S3Response.serialized


def with_regions(response, result):
    if response.data.get("Action") == "ListBuckets":
        for bucket in result.result["Buckets"]:
            bucket["BucketRegion"] = response.backend.get_bucket(bucket["Name"]).region_name
    return serialized(response, result)


S3Response.serialized = with_regions
main()
