"""The steps of a video to YouTube, as the tests take them one by one."""

from __future__ import annotations

import httpx

from social_accounts.networks.base import Processing, Published, PublishRequest
from social_accounts.networks.youtube.adapter import YouTubeAdapter

from .cast import clock
from .contract import AdapterContract
from .fake_youtube import FakeYouTube


def adapter_of(youtube: FakeYouTube) -> YouTubeAdapter:
    assert isinstance(youtube.adapter, YouTubeAdapter)
    return youtube.adapter


def prepared(youtube: FakeYouTube, http: httpx.Client, request: PublishRequest) -> PublishRequest:
    return AdapterContract().prepare(youtube, http, request)


def publish(youtube: FakeYouTube, http: httpx.Client, request: PublishRequest) -> Published | Processing:
    return youtube.adapter.publish(http=http, clock=clock, credentials=youtube.credentials, request=request)


def poll(
    youtube: FakeYouTube, http: httpx.Client, request: PublishRequest, token: str
) -> Published | Processing:
    return youtube.adapter.poll(
        http=http, clock=clock, credentials=youtube.credentials, request=request, poll_token=token
    )


def read_back(youtube: FakeYouTube, http: httpx.Client, request: PublishRequest) -> Published | None:
    return youtube.adapter.read_back(http=http, clock=clock, credentials=youtube.credentials, request=request)
