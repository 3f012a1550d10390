/* Compares the kernel's operations on vectors with their definitions, byte by byte. */
#include <stdio.h>
#include "kernel.c"

static u64 state = 88172645463325252u;
static u8 any(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return (u8)(state >> 32); }

#define MUST(condition) do { if (!(condition)) { printf("line %d, round %d\n", __LINE__, round); return 1; } } while (0)
#define STORE(v) memcpy(out, &(v), sizeof(v))

int main(void) {
  for (int round = 0; round < 20000; round++) {
    u8 p[64], out[WIDTH];
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
    vector v = load16(p), at = load16(p + 16), r = splat(x);
    STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == x);
    for (int i = 0; i < 16; i++) p[16 + i] &= 15;
    at = load16(p + 16); r = look_up(v, at); STORE(r); for (int i = 0; i < 16; i++) MUST(out[i] == p[p[16 + i]]);
    MUST(lowest(v) == p[0]);
    const u8 *s = p + 64 - WIDTH;
    wide e = load_wide(p), f = load_wide(s), m;
#define EACH_IS(value) STORE(m); for (int i = 0; i < WIDTH; i++) MUST(out[i] == (u8)(value))
    m = both(e, f); EACH_IS(p[i] & s[i]);
    m = either(e, f); EACH_IS(p[i] | s[i]);
    m = one_of(e, f); EACH_IS(p[i] ^ s[i]);
    m = minus(e, f); EACH_IS(p[i] > s[i] ? p[i] - s[i] : 0);
    m = nibble(e); EACH_IS(p[i] >> 4);
    m = wide_of(x); EACH_IS(x);
    m = before(e, f, 1); EACH_IS(i < 1 ? s[WIDTH - 1 + i] : p[i - 1]);
    m = before(e, f, 2); EACH_IS(i < 2 ? s[WIDTH - 2 + i] : p[i - 2]);
    m = before(e, f, 3); EACH_IS(i < 3 ? s[WIDTH - 3 + i] : p[i - 3]);
    m = both(f, wide_of(15)); m = each_of(table_of(p), m); EACH_IS(p[s[i] & 15]);
    m = one_of(e, e); MUST(is_zero(m));
    int zero = 1; for (int i = 0; i < WIDTH; i++) zero &= !p[i];
    MUST(!!is_zero(e) == zero);
    u8 texts[4][40]; const u8 *starts[4]; size_t sizes[4], words = any() % 4; u64 secret[2] = {load8(p), load8(p + 8)}, four[4][2], one[2];
    for (int k = 0; k < 4; k++) { starts[k] = texts[k]; sizes[k] = 8 * words + any() % 8; for (int i = 0; i < 40; i++) texts[k][i] = any(); }
    digest4(secret, starts, sizes, four);
    for (int k = 0; k < 4; k++) { digest(secret, texts[k], sizes[k], one); MUST(!memcmp(one, four[k], sizeof one)); }
  }
  printf("%s: ok\n", IMPLEMENTATION);
  return 0;
}
