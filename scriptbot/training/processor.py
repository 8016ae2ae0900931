"""What the processor is good at."""

from __future__ import annotations

from pathlib import Path


def has_fast_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 natively; elsewhere emulation is slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
