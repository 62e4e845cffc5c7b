"""Tokens of `samovar gateway`: where they come from, how long they are used, and what is said when there are none.

SPDX-License-Identifier: Apache-2.0
"""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

import cloud_stand_in
from cloud_process import (CHAT, NODE, ask, assert_no_secret, begin_events, chunk, event, fails_to_start, hang_up, metric,
                           refuse, until)


def models(gateway):
    """The status of GET /v1/models."""
    return ask(gateway, "/v1/models", None)[0]


def test_a_key_file_becomes_a_token_by_one_signed_request(cloud, start_gateway):
    gateway = start_gateway()
    assert [models(gateway) for _ in range(5)] == [200] * 5
    assert len(cloud.iam_asked) == 1
    assert cloud.rejected == []
    headers = cloud.nodes[NODE].asked[0][2]
    assert headers["Authorization"].removeprefix("Bearer ") in cloud.tokens
    assert headers["x-node-id"] == NODE
    assert headers["x-folder-id"] == cloud_stand_in.FOLDER


@pytest.mark.parametrize("skew", [-300, -120, 120, 300])
def test_a_clock_that_is_wrong_by_minutes_is_no_obstacle(cloud, start_gateway, skew):
    cloud.skew_seconds = skew
    gateway = start_gateway()
    assert models(gateway) == 200
    assert len(cloud.iam_asked) <= 2


@pytest.mark.parametrize("skew", [-300, 300])
def test_a_life_is_measured_by_the_clouds_clock(cloud, start_gateway, skew):
    cloud.skew_seconds, cloud.token_seconds = skew, 1000
    gateway = start_gateway()
    assert 900 < metric(gateway, "samovar_gateway_token_seconds_left") <= 1002


@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.9, 0.99])
def test_a_key_file_that_is_cut_off_is_told_at_once(request, cloud, key_file, part):
    text = key_file.read_text()
    key_file.write_text(text[: int(len(text) * part)])
    code, said = fails_to_start(request, cloud, "--key", key_file)
    assert code == 64
    assert "key.json: not a JSON object, or cut off" in said
    assert cloud.iam_asked == []


def test_a_private_key_that_is_cut_off_is_told_at_once(request, cloud, key_file):
    key = json.loads(key_file.read_text())
    key["private_key"] = key["private_key"][:900]
    key_file.write_text(json.dumps(key))
    code, said = fails_to_start(request, cloud, "--key", key_file)
    assert code == 64
    assert "the private key is damaged or cut off" in said


def test_a_missing_key_file_is_named(request, cloud, tmp_path):
    code, said = fails_to_start(request, cloud, "--key", tmp_path / "none.json")
    assert code == 66 or code != 0
    assert "none.json" in said


def test_a_revoked_key_is_told_at_once(request, cloud, key_file):
    cloud.keys.clear()
    code, said = fails_to_start(request, cloud, "--key", key_file)
    assert code == 64
    assert re.search(r"key\.json: http://\S+/iam/v1/tokens: HTTP 401: key ajek\w+ not found", said)


def test_a_key_of_another_account_is_told_at_once(request, cloud, key_file):
    key = json.loads(key_file.read_text())
    key["service_account_id"] = "ajeother"
    key_file.write_text(json.dumps(key))
    assert "is not ajeother's" in fails_to_start(request, cloud, "--key", key_file)[1]


def test_a_foreign_private_key_is_told_at_once(request, cloud, key_file):
    key = json.loads(key_file.read_text())
    key["private_key"] = cloud_stand_in.ServiceKey().private_pem
    key_file.write_text(json.dumps(key))
    assert "InvalidSignatureError" in fails_to_start(request, cloud, "--key", key_file)[1]


def test_a_token_service_that_redirects_gets_no_second_request(request, cloud, key_file):
    cloud.iam_faults = [lambda handler, body: handler.send_json(307, {}, Location=f"{cloud.url}/iam/v1/tokens")]
    code, said = fails_to_start(request, cloud, "--key", key_file)
    assert code != 0
    assert "a redirect, which credentials do not follow" in said
    assert len(cloud.iam_asked) == 1


def test_a_token_service_that_repeats_what_it_was_sent_leaks_nothing(request, cloud, key_file):
    def parrot(handler, body):
        cloud.secrets.append(json.loads(body)["jwt"])
        handler.send_json(400, {"message": f"bad: {body.decode()}"})

    cloud.iam_faults = [parrot]
    assert "[secret]" in fails_to_start(request, cloud, "--key", key_file)[1]


@pytest.mark.parametrize("fault", [refuse(429), refuse(500), refuse(503), hang_up], ids=["429", "500", "503", "cut"])
def test_a_token_service_that_is_away_is_waited_for(cloud, start_gateway, fault):
    cloud.iam_faults = [fault] * 2
    gateway = start_gateway()
    assert models(gateway) == 200
    assert len(cloud.iam_asked) == 3


@pytest.mark.parametrize("answer", [{}, {"iamToken": "t1.x"}, {"iamToken": 7, "expiresAt": "2030-01-01T00:00:00Z"},
                                    {"iamToken": "t1.x", "expiresAt": "yesterday"},
                                    {"iamToken": "t1.x", "expiresAt": "2001-01-01T00:00:00Z"}])
def test_an_answer_that_is_no_token_is_refused(request, cloud, key_file, answer):
    cloud.iam_faults = [lambda handler, body: handler.send_json(200, answer)]
    code, said = fails_to_start(request, cloud, "--key", key_file)
    assert code == 65
    assert "/iam/v1/tokens: " in said


def test_tokens_are_replaced_before_nine_tenths_of_their_life(cloud, start_gateway):
    cloud.token_seconds = 4
    gateway = start_gateway()
    began = [cloud.now()]
    while len(cloud.iam_asked) < 4:
        assert models(gateway) == 200
        began.append(cloud.now())
    used = [headers["Authorization"].removeprefix("Bearer ") for _, _, headers, _ in cloud.nodes[NODE].asked]
    for token, at in zip(used, began):
        assert at < cloud.tokens[token] - 0.1 * cloud.token_seconds
    assert len(set(used)) == 4


def test_a_thousand_requests_over_a_tokens_expiry_all_succeed_with_one_refresh(cloud, start_gateway):
    cloud.token_seconds = 10
    gateway = start_gateway()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: models(gateway), range(500)))
        first = set(cloud.tokens)
        until(lambda: metric(gateway, "samovar_gateway_token_seconds_left") < 2.5)
        statuses += list(pool.map(lambda _: models(gateway), range(250)))
        until(lambda: all(cloud.tokens[token] < cloud.now() for token in first) or models(gateway) != 200)
        statuses += list(pool.map(lambda _: models(gateway), range(250)))
    assert statuses == [200] * 1000
    assert len(cloud.iam_asked) == 2
    assert metric(gateway, "samovar_gateway_tokens_fetched_total") == 2
    assert metric(gateway, 'samovar_gateway_retries_total{reason="token_refused"}') == 0


def test_many_requests_at_once_ask_for_one_token_at_a_time(cloud, start_gateway):
    release = threading.Event()

    def slow(handler, body):
        release.wait(30)
        handler.send_json(*cloud.iam_answer(json.loads(body)))

    cloud.iam_faults = [refuse(503), slow]  # none at the start
    gateway = start_gateway()
    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(models, gateway) for _ in range(16)]
        until(lambda: len(cloud.iam_asked) == 2)
        release.set()
        assert [answer.result() for answer in answers] == [200] * 16
    assert cloud.most_inside_iam == 1
    assert len(cloud.iam_asked) == 2


def test_while_no_new_token_can_be_had_the_old_one_serves(cloud, start_gateway):
    cloud.token_seconds = 5
    gateway = start_gateway()
    cloud.iam_faults = [refuse(500)] * 1000
    until(lambda: metric(gateway, "samovar_gateway_token_seconds_left") < 1)
    assert models(gateway) == 200
    assert metric(gateway, "samovar_gateway_token_failures_total") >= 1


def test_a_token_that_is_revoked_amid_its_life_is_replaced(cloud, start_gateway):
    gateway = start_gateway()
    assert models(gateway) == 200
    begin = metric(gateway, "samovar_gateway_token_seconds_left")
    until(lambda: metric(gateway, "samovar_gateway_token_seconds_left") < begin - 5)
    cloud.revoke_tokens()
    assert models(gateway) == 200
    assert len(cloud.iam_asked) == 2
    assert metric(gateway, 'samovar_gateway_retries_total{reason="token_refused"}') == 1


def test_a_token_that_expires_amid_a_stream_ends_it_with_an_error_and_the_next_has_a_new_one(cloud, start_gateway):
    gateway = start_gateway()

    def expire(handler, body):
        begin_events(handler)
        handler.send_chunk(event(chunk({"content": "Hel"})))
        cloud.revoke_tokens()
        hang_up(handler, body)

    for stream in (True, False):
        cloud.nodes[NODE].faults = [expire]
        begin = metric(gateway, "samovar_gateway_token_seconds_left")
        until(lambda: metric(gateway, "samovar_gateway_token_seconds_left") < begin - 5)  # no token is asked for again at once
        status, _, body = ask(gateway, body={**CHAT, "stream": stream})
        assert "the node's answer broke off" in body or "the node gave no whole answer" in body
        assert status == (200 if stream else 502) and "[DONE]" not in body
        assert models(gateway) == 200
    assert len(cloud.iam_asked) == 3
    assert metric(gateway, "samovar_gateway_broken_answers_total") == 2


def test_a_node_that_refuses_every_token_is_not_asked_for_ever(cloud, start_gateway):
    cloud.nodes[NODE].answer = refuse(401, "no access")
    gateway = start_gateway()
    assert [models(gateway) for _ in range(10)] == [401] * 10
    assert len(cloud.iam_asked) == 1


def test_a_new_key_file_is_used_without_a_restart(cloud, start_gateway, key_file):
    gateway = start_gateway()
    assert models(gateway) == 200
    old = list(cloud.keys)
    new = cloud.new_key()
    new.write(key_file)
    for key in old:
        del cloud.keys[key]
    cloud.revoke_tokens()
    assert models(gateway) == 200
    assert len(cloud.iam_asked) == 2
    assert cloud.rejected == []


def test_a_key_file_that_turns_bad_leaves_the_old_token(cloud, start_gateway, key_file):
    gateway = start_gateway()
    key_file.write_text("{")
    assert models(gateway) == 200
    assert len(cloud.iam_asked) == 1
    assert metric(gateway, "samovar_gateway_token_failures_total") == 1


def test_a_key_that_is_revoked_under_way_is_told_to_the_client(cloud, start_gateway):
    cloud.token_seconds = 2
    gateway = start_gateway()
    cloud.keys.clear()
    until(lambda: metric(gateway, "samovar_gateway_token_seconds_left") == 0)
    status, _, body = ask(gateway, "/v1/models", None)
    assert status == 401
    assert "the gateway has no IAM token" in body and "not found" in body
    assert_no_secret(cloud, body)


def test_the_metadata_service_gives_tokens(cloud, start_gateway):
    gateway = start_gateway("--metadata", "--metadata-url", cloud.url + "/", key=False)
    assert models(gateway) == 200
    assert cloud.iam_asked == [] and len(cloud.metadata_asked) == 1


def test_a_token_of_the_environment_is_used_as_it_is(cloud, start_gateway):
    gateway = start_gateway(key=False, env={"YC_TOKEN": cloud.new_token()})
    assert models(gateway) == 200
    cloud.revoke_tokens()
    assert models(gateway) == 401
    assert cloud.iam_asked == []


def test_an_oauth_token_of_the_environment_is_exchanged(cloud, start_gateway):
    cloud.oauth.add("y0_canaryOfTheOauthToken0123456789")
    cloud.secrets.append("y0_canaryOfTheOauthToken0123456789")
    gateway = start_gateway(key=False, env={"YC_TOKEN": "y0_canaryOfTheOauthToken0123456789"})
    assert models(gateway) == 200
    assert len(cloud.iam_asked) == 1


def test_an_api_key_of_the_environment_has_its_own_scheme(cloud, start_gateway):
    cloud.api_keys.add("AQVNcanaryOfTheApiKey0123456789")
    cloud.secrets.append("AQVNcanaryOfTheApiKey0123456789")
    gateway = start_gateway(key=False, env={"YC_API_KEY": "AQVNcanaryOfTheApiKey0123456789"})
    assert models(gateway) == 200


def test_without_credentials_one_is_told_which_there_are(request, cloud):
    code, said = fails_to_start(request, cloud)
    assert code == 64
    assert "--key key.json, --metadata, or YC_TOKEN or YC_API_KEY" in said


def test_the_stand_in_refuses_what_a_cloud_would(cloud):
    key = cloud.new_key()
    now = int(cloud.now())
    good = {"iss": key.account, "aud": cloud.audience, "iat": now, "exp": now + 3600}

    def problem(claims=good, algorithm="PS256", kid=key.id, secret=key.pair):
        return cloud.jwt_problem(jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": kid, "typ": "JWT"}))

    assert problem() is None
    assert "expected PS256" in problem(algorithm="RS256")
    assert "expected PS256" in problem(algorithm="HS256", secret="x" * 32)
    assert "expected PS256" in problem(algorithm="none", secret=None)
    assert "not found" in problem(kid="other")
    assert "Audience" in problem({**good, "aud": "https://iam.test/iam/v1/tokens"})
    assert "InvalidSignature" in problem(secret=cloud_stand_in.ServiceKey().pair)
    assert "at most 3600" in problem({**good, "exp": now + 3601})
    assert "outside" in problem({**good, "iat": now + 120, "exp": now + 3600})
    assert "outside" in problem({**good, "iat": now - 3700, "exp": now - 100})
