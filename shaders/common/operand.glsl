// operand.glsl — OPERAND, the format in which matrix units multiply on a path: FP16, or bf16 on path bf16.
// One of PATH_FP16, PATH_FP16_ACC32 and PATH_BF16 is defined.
#if defined(PATH_BF16)
#extension GL_EXT_bfloat16 : require
#define OPERAND bfloat16_t
#else
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#define OPERAND float16_t
#endif
