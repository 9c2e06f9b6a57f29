"""sampling.py — when a peer has enough samples, and what they say: the columns of the group Timing.

Numbers only; docs/measuring.md has the definitions.
"""

import statistics
import time

LEAST_SAMPLES = 10
# A median that three outliers cannot move.
LEAST_FOR_BUDGET = 7
LEAST_SECONDS = 0.1
MOST_SAMPLES = 200
CONVERGED_SPREAD = 0.005
NOISY_SPREAD = 0.02
NOISY_MEAN = 0.05


def quantile(ordered, q):
    """By linear interpolation between the order statistics, as NumPy's default."""
    place = q * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def spread(seconds):
    """Robust standard deviation over the median."""
    ordered = sorted(seconds)
    return (quantile(ordered, 0.75) - quantile(ordered, 0.25)) / 1.349 / quantile(ordered, 0.5)


def take(measure, budget_s):
    """Samples, as (gpu_s or None, host_s), until they agree or the budget ends; and why it ended."""
    samples = []
    begin = time.perf_counter()
    while True:
        samples.append(measure())
        spent = time.perf_counter() - begin
        enough = len(samples) >= LEAST_SAMPLES and spent >= LEAST_SECONDS
        if enough and spread(seconds_of(samples)) <= CONVERGED_SPREAD:
            return samples, "converged"
        if len(samples) >= LEAST_FOR_BUDGET and spent * (1 + 1 / len(samples)) > budget_s:
            return samples, "budget"
        if len(samples) == MOST_SAMPLES:
            return samples, "max_samples"


def seconds_of(samples):
    """The time that counts: the device's where it has one."""
    return [host_s if gpu_s is None else gpu_s for gpu_s, host_s in samples]


def timing_columns(samples, stop_reason):
    seconds = seconds_of(samples)
    ordered = sorted(seconds)
    median, mean = quantile(ordered, 0.5), statistics.fmean(seconds)
    noisy = spread(seconds) > NOISY_SPREAD or abs(mean - median) > NOISY_MEAN * median
    status = "short" if len(samples) < LEAST_SAMPLES else "noisy" if noisy else "steady"
    return {
        "timer": "host" if samples[0][0] is None else "gpu_timestamp",
        "samples": len(samples), "stop_reason": stop_reason, "timing_status": status,
        "time_min_s": ordered[0], "time_p05_s": quantile(ordered, 0.05),
        "time_p25_s": quantile(ordered, 0.25), "time_median_s": median,
        "time_p75_s": quantile(ordered, 0.75), "time_p95_s": quantile(ordered, 0.95),
        "time_max_s": ordered[-1], "time_mean_s": mean,
        "time_stddev_s": statistics.stdev(seconds) if len(seconds) > 1 else None,
        "host_median_s": statistics.median(host_s for _, host_s in samples)}
