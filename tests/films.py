"""Videos made in code: small, always the same bytes, and real: a gray picture and silence that any player plays.

H.264 (constrained baseline) and AAC-LC in an MP4 whose index comes first. The first frame says "predict, add nothing"
for each macroblock, every other frame "as before": a minute takes about fifty kilobytes.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from math import ceil

MACROBLOCK = 16
MEDIA_TIMESCALE = 90_000
MOVIE_TIMESCALE = 1000
SOUND_RATE = 44_100
SOUND_FRAME = 1024
SILENCE = bytes.fromhex("00c800802380")  # one AAC-LC frame of one channel
SOUND_CONFIG = bytes.fromhex("1208")  # AAC-LC, 44.1 kHz, one channel
GRAY_MACROBLOCK = 0b00100111  # Intra 16x16 by mean, no chroma change, no quantizer change, no coefficients
UPRIGHT = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
LEVEL_3_1 = 31


@lru_cache(maxsize=32)
def film(
    *,
    seconds: float = 2.0,
    width: int = 320,
    height: int = 180,
    frames_per_second: int = 25,
    with_sound: bool = True,
    bytes_min: int = 0,
) -> bytes:
    """Return an MP4 of this length and size; with ``bytes_min`` filled up behind its frames to be that large.

    Width and height are even numbers; the length is rounded to whole frames.
    """
    frames = _frames(max(1, round(seconds * frames_per_second)), width, height)
    sounds = [SILENCE] * ceil(seconds * SOUND_RATE / SOUND_FRAME) if with_sound else []
    kind = _box(b"ftyp", b"isom" + _u32(512) + b"isomiso2avc1mp41")
    duration = round(len(frames) * MOVIE_TIMESCALE / frames_per_second)

    def index(data_at: int) -> bytes:
        tracks = [_picture_track(frames, width, height, frames_per_second, duration, data_at)]
        if sounds:
            tracks.append(_sound_track(sounds, duration, data_at + sum(map(len, frames))))
        header = _full_box(
            b"mvhd",
            struct.pack(">4I", 0, 0, MOVIE_TIMESCALE, duration)
            + struct.pack(">IH10x", 0x10000, 0x100)
            + UPRIGHT
            + bytes(24)
            + _u32(len(tracks) + 1),
        )
        return _box(b"moov", header + b"".join(tracks))

    before_data = len(kind) + len(index(0)) + 8
    made = kind + index(before_data) + _box(b"mdat", b"".join(frames) + b"".join(sounds))
    missing = bytes_min - len(made)
    return made + _box(b"free", bytes(max(0, missing - 8))) if missing > 0 else made


# --- frames ----------------------------------------------------------------------------------------------------------


class _Bits:
    """Bits written one behind the other, as H.264 writes its headers."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def fixed(self, value: int, count: int) -> _Bits:
        self._bits.append(f"{value:0{count}b}")
        return self

    def golomb(self, *values: int) -> _Bits:
        """Write Exp-Golomb codes; of signed fields only zero is written, which is the same."""
        for value in values:
            code = f"{value + 1:b}"
            self._bits.append("0" * (len(code) - 1) + code)
        return self

    def unit(self, header: int) -> bytes:
        """Return the NAL unit: stop bit, whole bytes, and no three bytes that could be taken for a start."""
        bits = "".join(self._bits) + "1"
        bits += "0" * (-len(bits) % 8)
        out, zeros = bytearray([header]), 0
        for byte in int(bits, 2).to_bytes(len(bits) // 8, "big"):
            if zeros >= 2 and byte <= 3:
                out.append(3)
                zeros = 0
            out.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return bytes(out)


def _macroblocks(width: int, height: int) -> tuple[int, int]:
    return ceil(width / MACROBLOCK), ceil(height / MACROBLOCK)


def _frames(count: int, width: int, height: int) -> list[bytes]:
    across, down = _macroblocks(width, height)
    first = _Bits().golomb(0, 7, 0).fixed(0, 4).golomb(0).fixed(0, 2).golomb(0)
    for _block in range(across * down):
        first.fixed(GRAY_MACROBLOCK, 8)
    frames = [_sized(first.unit(0x65))]
    for number in range(1, count):
        same = _Bits().golomb(0, 5, 0).fixed(number % 16, 4).fixed(0, 3).golomb(0, across * down)
        frames.append(_sized(same.unit(0x41)))
    return frames


def _decoder_config(width: int, height: int) -> bytes:
    across, down = _macroblocks(width, height)
    right, below = (across * MACROBLOCK - width) // 2, (down * MACROBLOCK - height) // 2
    sequence = _Bits().fixed(0x42C0, 16).fixed(LEVEL_3_1, 8)
    sequence.golomb(0, 0, 2, 1).fixed(0, 1).golomb(across - 1, down - 1).fixed(0b111, 3)
    sequence.golomb(0, right, 0, below).fixed(0, 1)
    picture = _Bits().golomb(0, 0).fixed(0, 2).golomb(0, 0, 0).fixed(0, 3).golomb(0, 0, 0).fixed(0, 3)
    sps, pps = sequence.unit(0x67), picture.unit(0x68)
    return bytes([1, 0x42, 0xC0, LEVEL_3_1, 0xFF, 0xE1]) + _short(sps) + b"\x01" + _short(pps)


# --- boxes -----------------------------------------------------------------------------------------------------------


def _picture_track(
    frames: list[bytes], width: int, height: int, frames_per_second: int, duration: int, data_at: int
) -> bytes:
    entry = struct.pack(">6xH16xHHIIIH32xHh", 1, width, height, 0x480000, 0x480000, 0, 1, 24, -1)
    step = MEDIA_TIMESCALE // frames_per_second
    table = (
        _entries(b"stsd", [_box(b"avc1", entry + _box(b"avcC", _decoder_config(width, height)))])
        + _entries(b"stts", [struct.pack(">II", len(frames), step)])
        + _entries(b"stss", [_u32(1)])
        + _entries(b"stsc", [struct.pack(">III", 1, len(frames), 1)])
        + _full_box(b"stsz", struct.pack(">II", 0, len(frames)) + b"".join(_u32(len(one)) for one in frames))
        + _entries(b"stco", [_u32(data_at)])
    )
    return _track(
        number=1,
        handler=b"vide",
        size=(width, height),
        duration=duration,
        media_time=(MEDIA_TIMESCALE, len(frames) * step),
        header=_full_box(b"vmhd", bytes(8), flags=1),
        table=table,
    )


def _sound_track(sounds: list[bytes], duration: int, data_at: int) -> bytes:
    decoder = b"\x40\x15" + bytes(3) + struct.pack(">II", 64_000, 64_000) + _descriptor(5, SOUND_CONFIG)
    stream = _descriptor(3, b"\x00\x02\x00" + _descriptor(4, decoder) + _descriptor(6, b"\x02"))
    entry = struct.pack(">6xH8xHH4xI", 1, 1, 16, SOUND_RATE << 16) + _full_box(b"esds", stream)
    table = (
        _entries(b"stsd", [_box(b"mp4a", entry)])
        + _entries(b"stts", [struct.pack(">II", len(sounds), SOUND_FRAME)])
        + _entries(b"stsc", [struct.pack(">III", 1, len(sounds), 1)])
        + _full_box(b"stsz", struct.pack(">II", len(SILENCE), len(sounds)))
        + _entries(b"stco", [_u32(data_at)])
    )
    return _track(
        number=2,
        handler=b"soun",
        size=(0, 0),
        duration=duration,
        media_time=(SOUND_RATE, len(sounds) * SOUND_FRAME),
        header=_full_box(b"smhd", bytes(4)),
        table=table,
    )


def _track(
    *,
    number: int,
    handler: bytes,
    size: tuple[int, int],
    duration: int,
    media_time: tuple[int, int],
    header: bytes,
    table: bytes,
) -> bytes:
    volume = 0x100 if handler == b"soun" else 0
    track_header = struct.pack(">5I8xHHHH", 0, 0, number, 0, duration, 0, 0, volume, 0) + UPRIGHT
    track_header += struct.pack(">II", size[0] << 16, size[1] << 16)
    here = _box(b"dinf", _entries(b"dref", [_full_box(b"url ", b"", flags=1)]))
    media = (
        _full_box(b"mdhd", struct.pack(">4IHH", 0, 0, *media_time, 0x55C4, 0))
        + _full_box(b"hdlr", bytes(4) + handler + bytes(12) + b"\x00")
        + _box(b"minf", header + here + _box(b"stbl", table))
    )
    return _box(b"trak", _full_box(b"tkhd", track_header, flags=3) + _box(b"mdia", media))


def _box(kind: bytes, content: bytes) -> bytes:
    return _u32(len(content) + 8) + kind + content


def _full_box(kind: bytes, content: bytes, *, flags: int = 0) -> bytes:
    return _box(kind, _u32(flags) + content)


def _entries(kind: bytes, entries: list[bytes]) -> bytes:
    return _full_box(kind, _u32(len(entries)) + b"".join(entries))


def _descriptor(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content


def _sized(unit: bytes) -> bytes:
    return _u32(len(unit)) + unit


def _short(content: bytes) -> bytes:
    return struct.pack(">H", len(content)) + content


def _u32(value: int) -> bytes:
    return struct.pack(">I", value)
