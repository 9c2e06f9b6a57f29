// half.h — small floating-point formats as bits: conversion and rounding, the same on any CPU.
// Pure. Bulk conversions use all cores; they know nothing of tensors or devices.
#pragma once

#include <cstdint>
#include <span>

namespace gpubench {

/// IEEE 754 binary16, as its bits.
using HalfBits = std::uint16_t;

constexpr float kHalfMax = 65504.0F;

/// Round to nearest, ties to even; beyond ±65504 (after rounding) gives ±Inf; NaN stays NaN.
HalfBits half_from_float(float value);
/// Correctly rounded once, straight from double: no double rounding through float.
HalfBits half_from_double(double value);
float float_from_half(HalfBits bits);

/// `value` rounded to the nearest fp16 number, returned as float.
float round_to_half(float value);
/// `value` rounded to the nearest bf16 number (8 significand bits), ties to even.
float round_to_bf16(float value);
/// `value` rounded to the nearest tf32 number (11 significand bits, fp32 exponents), ties to even.
float round_to_tf32(float value);

/// Spans must have the same length.
void halves_from_floats(std::span<const float> from, std::span<HalfBits> to);
void floats_from_halves(std::span<const HalfBits> from, std::span<float> to);
void round_to_half(std::span<float> values);

}  // namespace gpubench
