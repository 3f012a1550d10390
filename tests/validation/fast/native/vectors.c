/* Compares the kernel's operations on vectors with their definitions, byte by byte. */
#include <stdio.h>
#include "kernel.c"

static u64 state = 88172645463325252u;
static u8 any(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return (u8)(state >> 32); }

#define MUST(condition) do { if (!(condition)) { printf("line %d, round %d\n", __LINE__, round); return 1; } } while (0)
#define STORE(v) memcpy(out, &(v), 16)

int main(void) {
  for (int round = 0; round < 20000; round++) {
    u8 p[64], out[16];
    int few = round % 3, bits = round % 5 == 0 ? 255 : 127;   /* sometimes only a few different bytes, or ASCII alone */
    for (int i = 0; i < 64; i++) p[i] = few ? (u8)(any() % 4 + (round % 7 ? 0 : 126)) : any() & bits;
    block b = load64(p);
    u8 c = p[any() % 64], x = any(), y = any(), z = any();
    u64 mask = 0, high = 0, inside = 0, q = 0; int found = 0;
    for (int i = 0; i < 64; i++) {
      mask |= (u64)(p[i] == c) << i; high |= p[i] >> 7; found |= p[i] == x || p[i] == y || p[i] == z;
    }
    MUST(equal(b, c) == mask);
    MUST(!!has_any(b, x, y, z) == found);
    MUST(!!high_bits(b) == (int)high);
    for (int i = 0; i < 64; i++) { q ^= mask >> i & 1; inside |= q << i; }
    MUST(prefix_xor(mask) == inside);
    vector v = load16(p), w = load16(p + 16), r;
    r = and16(v, w); STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == (p[i] & p[16 + i]));
    r = or16(v, w); STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == (p[i] | p[16 + i]));
    r = xor16(v, w); STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == (p[i] ^ p[16 + i]));
    r = minus16(v, w); STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == (p[i] > p[16 + i] ? p[i] - p[16 + i] : 0));
    r = nibble(v); STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == p[i] >> 4);
    r = splat(x); STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == x);
    r = before(v, w, 1); STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == (i ? p[i - 1] : p[31]));
    r = before(v, w, 3); STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == (i < 3 ? p[29 + i] : p[i - 3]));
    r = and16(w, splat(15)); r = look_up(v, r); STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == p[p[16 + i] & 15]);
    MUST(lowest(v) == p[0]);
    r = xor16(v, v); MUST(is_zero(r));
    int zero = 1; for (int i = 0; i < 16; i++) zero &= !p[i];
    MUST(!!is_zero(v) == zero);
  }
  printf("%s: ok\n", IMPLEMENTATION);
  return 0;
}
