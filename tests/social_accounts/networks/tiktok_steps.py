"""The steps of a video to TikTok, as the tests take them one by one."""

from __future__ import annotations

import httpx

from social_accounts.networks.base import Processing, Published, PublishRequest
from social_accounts.networks.tiktok.adapter import TikTokAdapter

from .cast import clock
from .contract import AdapterContract
from .fake_tiktok import FakeTikTok


def adapter_of(tiktok: FakeTikTok) -> TikTokAdapter:
    assert isinstance(tiktok.adapter, TikTokAdapter)
    return tiktok.adapter


def prepared(tiktok: FakeTikTok, http: httpx.Client, request: PublishRequest) -> PublishRequest:
    return AdapterContract().prepare(tiktok, http, request)


def publish(tiktok: FakeTikTok, http: httpx.Client, request: PublishRequest) -> Published | Processing:
    return tiktok.adapter.publish(http=http, clock=clock, credentials=tiktok.credentials, request=request)


def poll(
    tiktok: FakeTikTok, http: httpx.Client, request: PublishRequest, token: str
) -> Published | Processing:
    return tiktok.adapter.poll(
        http=http, clock=clock, credentials=tiktok.credentials, request=request, poll_token=token
    )


def read_back(tiktok: FakeTikTok, http: httpx.Client, request: PublishRequest) -> Published | None:
    return tiktok.adapter.read_back(http=http, clock=clock, credentials=tiktok.credentials, request=request)
