// part_of_k.glsl — which terms of k a workgroup takes: all, or with SPLIT those of its part. Declare Block, with
// its part, before it, and with SPLIT include parts.glsl.

#if defined(SPLIT)
uint first_k(Block block) { return min(block.part * kTermsOfPart, push.k); }
uint end_of_k(Block block) { return min((block.part + 1) * kTermsOfPart, push.k); }
#else
uint first_k(Block block) { return 0; }
uint end_of_k(Block block) { return push.k; }
#endif
