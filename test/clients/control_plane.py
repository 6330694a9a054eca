"""Usage: python3 control_plane.py ENDPOINT

The control plane through boto3, where it differs from the other clients: its
requests' form, its waiters and paginators, its exceptions.  Prints TAP.
"""

import sys
import traceback
from datetime import datetime, timezone

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

ACCOUNT = '111122223333'
UNKNOWN = 'a' * 26
WAIT = {'Delay': 1, 'MaxAttempts': 60}
tests = 0


def client(region, **more):
    return boto3.client(
        'dsql', endpoint_url=sys.argv[1], region_name=region,
        aws_access_key_id=ACCOUNT, aws_secret_access_key='not looked at',
        **more)


def test(function):
    global tests
    tests += 1
    try:
        function()
        print(f'ok {tests} - {function.__doc__}')
    except Exception:
        print(f'not ok {tests} - {function.__doc__}')
        for line in traceback.format_exc().splitlines():
            print('#', line)


def rejects(kind, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        answer = error.response
        assert type(error).__name__ == kind, error
        assert answer['Error']['Code'] == kind, answer
        assert answer['Error']['Message'] and answer['message'], answer
        assert answer['ResponseMetadata']['HTTPStatusCode'] == status, answer
        assert len(answer['ResponseMetadata']['RequestId']) == 36, answer
        return answer
    raise AssertionError(f'{kind} was not raised')


dsql = client('ap-northeast-1')


@test
def cluster():
    """a cluster: make, wait, change, delete, wait"""
    made = dsql.create_cluster(tags={'a b': 'c/d'})
    identifier = made['identifier']
    assert made['status'] == 'CREATING'
    assert made['arn'].startswith(f'arn:aws:dsql:ap-northeast-1:{ACCOUNT}:')
    age = datetime.now(timezone.utc) - made['creationTime']
    assert abs(age.total_seconds()) < 600
    dsql.get_waiter('cluster_active').wait(
        identifier=identifier, WaiterConfig=WAIT)
    found = dsql.get_cluster(identifier=identifier)
    assert found['tags'] == {'a b': 'c/d'}
    assert found['creationTime'] == made['creationTime']
    answer = rejects('ValidationException', 400, dsql.delete_cluster,
                     identifier=identifier)
    assert answer['reason'] == 'deletionProtectionEnabled'
    dsql.update_cluster(identifier=identifier, deletionProtectionEnabled=False)
    dsql.delete_cluster(identifier=identifier)
    dsql.get_waiter('cluster_not_exists').wait(
        identifier=identifier, WaiterConfig=WAIT)


@test
def lists():
    """paginators and tags"""
    made = [dsql.create_cluster()['identifier'] for _ in range(5)]
    pages = dsql.get_paginator('list_clusters').paginate(
        PaginationConfig={'PageSize': 2})
    found = [item['identifier'] for page in pages for item in page['clusters']]
    assert found == made, (found, made)
    arn = dsql.get_cluster(identifier=made[0])['arn']
    answer = dsql.tag_resource(resourceArn=arn, tags={'k1': 'v', 'k 2': ''})
    assert list(answer) == ['ResponseMetadata']
    dsql.untag_resource(resourceArn=arn, tagKeys=['k1', 'x/y'])
    tags = dsql.list_tags_for_resource(resourceArn=arn)['tags']
    assert tags == {'k 2': ''}, tags


@test
def streams():
    """a stream: make, wait, delete, wait"""
    identifier = dsql.list_clusters()['clusters'][0]['identifier']
    dsql.get_waiter('cluster_active').wait(
        identifier=identifier, WaiterConfig=WAIT)
    target = {'kinesis': {
        'streamArn': f'arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/changes',
        'roleArn': f'arn:aws:iam::{ACCOUNT}:role/changes'}}
    made = dsql.create_stream(
        clusterIdentifier=identifier, targetDefinition=target,
        ordering='UNORDERED', format='JSON')
    stream = {'clusterIdentifier': identifier,
              'streamIdentifier': made['streamIdentifier']}
    dsql.get_waiter('stream_active').wait(**stream, WaiterConfig=WAIT)
    assert dsql.get_stream(**stream)['targetDefinition'] == target
    dsql.delete_stream(**stream)
    dsql.get_waiter('stream_not_exists').wait(**stream, WaiterConfig=WAIT)


@test
def exceptions():
    """exceptions"""
    answer = rejects('ResourceNotFoundException', 404, dsql.get_cluster,
                     identifier=UNKNOWN)
    assert answer['resourceId'] == UNKNOWN
    assert answer['resourceType'] == 'cluster'
    answer = rejects('ValidationException', 400, dsql.get_cluster,
                     identifier='NONE')
    assert answer['fieldList'][0]['name'] == 'identifier', answer
    rejects('ValidationException', 400, dsql.get_cluster, identifier='')
    try:
        dsql.get_waiter('cluster_active').wait(identifier=UNKNOWN)
        raise AssertionError('no WaiterError')
    except WaiterError:
        pass


@test
def unsigned():
    """requests that are not signed"""
    plain = client('eu-north-1', config=Config(signature_version=UNSIGNED))
    assert 'clusters' in plain.list_clusters()


print(f'1..{tests}')
