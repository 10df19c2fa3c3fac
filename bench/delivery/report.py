from __future__ import annotations
def describe(o):
    t=o.tally; l=t.lateness
    cpu=", ".join(f"{k} {o.cpu_per_post(k)*1000:.1f}" for k in o.cpu_seconds)
    return f"{o.trial.name}: {t.out}/{o.size.posts} out, last {l.last:.1f}s ({o.per_second:.1f}/s), p50 {l.p50:.1f} p95 {l.p95:.1f} p99 {l.p99:.1f}; done {o.seconds:.1f}s; twice {t.twice} missing {t.missing} lost {o.lost} asked {o.asked} found {o.found} hour {o.an_hour_late} unknown {o.unknown} kills {o.kills} attempts {o.attempts}; cpu ms/post: {cpu}; worker {o.worker_bytes/2**20:.0f} MB total {o.total_bytes/2**20:.0f} MB"
def section(f): return "x"
