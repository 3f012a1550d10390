/* The native engine: finds the records of a block, labels their cells, notes their keys, and counts what is wrong.

   Contract
   - Python calls `scan` for a part of a buffer. The scan ends at the first record that is not complete, or that needs
     room or the reference; `status` says which. What was found stays in `struct scan` until Python takes it.
   - Rows, lines and offsets count from where the scan started. So a block can be scanned before its position in the
     file is known.
   - A cell gets a label: a small number whose meaning Python knows. Messages are made by Python.

   Memory
   - The caller owns all memory; `struct scan` says how large each part is. A scan also writes to the `struct pairs` of its
     columns, so scans with the same columns must not run at the same time. Only `keys_repeated` and `keys_dangling`
     allocate (and qsort may), and they free what they allocate. There are no globals, and no function recurses.
   - A function with the parameters `d` and `n` may read d[0 .. n + PADDING): the buffer is that much longer than its
     contents. The padding may contain anything, and its contents change no result.
   - A chunk of C bytes has at most C separators, so arrays with C + PADDING elements hold what was found in it.

   Contents
     1. Structures shared with Python         6. Keys of a record          11. Scanning a part of a file
     2. Vectors: 64 bytes at once             7. Judging one record        12. Keys of a file
     3. UTF-8                                 8. Separators of a chunk
     4. One cell: judging, digests            9. A column of a chunk     13. JSON
     5. Splitting one record                 10. The records of a chunk

   A chunk is the normal way: find its separators, then label the cells of one column after the other, with a loop that
   does not branch on the contents. A record of a wrong width, or with bytes that are not text, is judged by itself (7). So is
   one with a wrong quote, which is split first (5), as is every record of a dialect with escapes, comments or skipped spaces. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;
typedef int64_t i64;

#define INLINE static inline __attribute__((always_inline))
#define COLD static __attribute__((noinline, cold))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PADDING 128

/* ---- 1. Structures shared with Python: library.py declares the same ---------------------------------------------- */

/* Labels of cells. Those from FIRST_FAULT to TEXT_AFTER_QUOTE have a meaning for each column. ASK: the reference has to judge
   the cell. RECHECK, inside the kernel only: judge it again by code points. */
enum { VALUE, MISSING, FIRST_FAULT, TEXT_AFTER_QUOTE = 24, SPACE_AFTER_QUOTE, SPACE_BEFORE_QUOTE, STRAY_QUOTE, NOT_DECODED, HAS_NUL, ASK, RECHECK, LABELS };
/* How the cells of a column are judged: not at all, or by an automaton of one of four kinds (tables.py). Then by their size.
   PAIRS, inside the kernel only: SHIFTS with two bytes a step. */
enum { FREE, PLAIN, SHIFTS, LAYERED, SHUFFLES, PAIRS };
/* What a label means to a key: the value is known, missing, faulty, or not judged yet. */
enum { KNOWN, NONE, FAULTY, UNASKED };
/* How a part of a key is written. AS_PYTHON_DOES: the kernel cannot, and emits an event. */
enum { AS_TEXT, AS_INTEGER, AS_JSON, AS_NUMBER, AS_PATTERN, AS_MOMENT, AS_MONTH, AS_NUMBERS, AS_TEXTS, AS_BOOLEAN, AS_PYTHON_DOES };
/* Kinds of events. Two ask Python for something: to judge a cell, or to record the keys of a record. The others are faults:
   of a cell (detail: its label), of a record that ends before `column`, of one with more cells than there are columns
   (detail: the number of cells), and of one without text. */
enum { UNJUDGED_CELL, UNNOTED_KEYS, FAULTY_CELL, SHORT_RECORD, LONG_RECORD, BLANK_RECORD };
/* What a text is as JSON. IS_UNCLEAR: only the reference knows. */
enum { IS_NONE, IS_OBJECT, IS_ARRAY, IS_OTHER, IS_UNCLEAR };
/* Kinds of JSON values. A number fits a shape that has NUMBER, and a whole one fits one that has INTEGER. */
enum { OBJECT = 1, ARRAY = 2, STRING = 4, NUMBER = 8, INTEGER = 16, TRUE = 32, FALSE = 64, NULL_VALUE = 128 };
/* How a shape combines others. CONDITION: if the first one fits, the second must fit, or else the third. CHOICE: the shape
   depends on the text of one member. */
enum { SIMPLE, ALL_OF, ANY_OF, ONE_OF, NONE_OF, CONDITION, CHOICE };
/* What can be wrong with JSON of the right kind, as bits. */
enum { TOO_FEW = 1, TOO_MANY = 2, UNFIT = 4, UNLISTED = 8, JSON_FAULTS = 16 };
/* How a cell is written: in quotes, with doubled quotes, with escapes, with text after its quotes, with a quote inside,
   with spaces before its quotes, with nothing but spaces after its quotes. */
enum { QUOTED = 1, DOUBLED = 2, ESCAPED = 4, TEXT_AFTER = 8, STRAY = 16, SPACED = 32, ONLY_SPACE = 64 };
/* Why a scan ended: at the end of the data, for want of room for findings, or at a record only the reference reads. */
enum { NEEDS_DATA, NEEDS_ROOM, NEEDS_REFERENCE };

/* The automaton of a column that is SHIFTS, LAYERED or SHUFFLES. */
struct automaton {
  const u8 *rows[2];               /* for unquoted and quoted cells: what each byte does to the states, 8 or 16 bytes (SHUFFLES) */
  struct pairs *pairs;             /* SHIFTS: steps of two bytes, or 0 if there is no room; columns with equal rules share them */
  const u8 *layered;               /* LAYERED, SHUFFLES: the same for each of the first bytes of a cell, `stride` bytes each */
  const u16 *class_of[2];          /* the offset of a byte in a layer, for unquoted and quoted cells */
  const u8 *last;                  /* the label of each final state */
  u64 layers, stride, start;       /* layers is a multiple of QUAD; bytes beyond them use `rows` */
};
struct column {
  u64 kind;
  struct automaton automaton;
  const u16 *next, *ascii;         /* PLAIN and RECHECK: next[state * kinds + kind]; the kind of each ASCII byte */
  const u8 *label;                 /* the label of a text that ends in each state */
  const u32 *points;               /* the first code point of each range, and the kind of that range */
  const u16 *kind_of;
  u64 points_count, kinds;
  u64 least, most;                 /* how many code points a text may have: up to 2^32 */
  u8 too_short[LABELS], too_long[LABELS]; /* what each label of a text becomes if it has fewer or more; first the former, then the latter */
  u64 empty;                       /* FREE: the label of an empty cell */
  u64 faults;                      /* bit L is set if label L is a fault */
  u8 to_key[LABELS];               /* what each label means to a key */
  i64 key_column;                  /* its index among the columns that are part of a key, or -1 */
  i64 memo;                        /* its index among the columns that may get the label ASK, or -1 */
  u64 is_json;                     /* whether an unquoted cell may contain quotes */
  u64 json;                        /* what its JSON must be: IS_OBJECT or IS_ARRAY; 0 if the kernel does not look at it */
  u64 wrong_json;                  /* the label of a text that is something else */
  u64 least_parts, most_parts;     /* how many items or members it must have */
  const struct shape *shapes; u64 shape;  /* what the value must be otherwise: one of the shapes; 0 for any value */
  const u64 (*listed)[2]; u64 listed_count;  /* the digests of the values that are allowed, in order; 0 for all values */
  u8 of_json[JSON_FAULTS];         /* the label of a text that is this JSON, by the bits of what is wrong with it (TOO_FEW …) */
  /* if the column is part of a key: */
  const struct name *words; u64 words_count;  /* the texts that stand for true (bit 1) and for false (bit 0) */
  const struct time_part *pattern; u64 pattern_count, of_pattern;  /* AS_PATTERN: how a date or time is written, and the kind of its digest */
  u64 separator;                   /* AS_NUMBERS, AS_TEXTS: the byte between two items */
};
/* What each two bytes (first | second << 8) do to the states, for unquoted and quoted cells. It is filled once `cells_before`
   more cells have been judged. The rows are aligned to 64. */
struct pairs { u64 cells_before, is_filled[2], unused[5], rows[2][1 << 16]; };
/* A part of a date or time: a byte if `digits` is 0, or `least` to `digits` digits, and the offset where they belong in USUAL_TIME. */
struct time_part { u64 byte, digits, least, at; };

/* What a part of a JSON value must be, compiled by shapes.py. The first shape of an array fits any value. A shape either
   combines others or has conditions of its own. No condition applies to values of another kind. */
struct name { const u8 *text; u64 length, shape, bit; };
struct limit { const u8 *text; u64 length, is_exclusive; };
struct shape {
  u64 combination;
  const u64 *parts; u64 parts_count;           /* the shapes that are combined; of a SIMPLE shape those of the first items */
  u64 kinds, is_partial;                       /* which kinds of values fit, as bits; whether the reference has further conditions */
  const struct name *names; u64 names_count;   /* of members, by length and then by bytes; CHOICE: the texts of a member's value */
  const struct name *chooser;                  /* the member by which a CHOICE chooses, also in the shapes that it chooses */
  u64 required;                                /* the bits of the names that must be there */
  u64 others, items;                           /* the shape of members with other names, and of items beyond the first ones */
  u64 least_members, most_members, least_items, most_items, least_length, most_length;
  u64 is_even, is_closed, is_unique;           /* whether the number of items is even; the last one equal to the first; all different */
  const struct name *texts, *numbers; u64 has_texts, texts_count, has_numbers, numbers_count;  /* which strings and numbers fit, if not all */
  struct limit lower, upper;                   /* of numbers, as texts; text is 0 for none */
  u64 is_written;                              /* whether only numbers without point and exponent are whole */
  u64 step, step_decimals;                     /* numbers are multiples of step / 10^step_decimals; 0 for none */
  const struct column *pattern;                /* an automaton of the strings that fit, or 0 */
  const struct pattern *patterns; u64 patterns_count;  /* of members whose name is not among the names: at most one may match */
  u64 name_shape;                              /* the shape of the names of all members */
};
struct pattern { const struct column *names; u64 shape; };

struct event { u64 row, line; u32 start, length, cell, cell_length; i32 column; u32 kind, flags, detail; };
struct cell { u32 start, end, flags, pad; };
struct memo { u64 h0, h1, label; };
struct entry { u64 h0, h1, row, line; };            /* the digest of a key, and its row */
struct stretch { u64 first, row, line, count; };    /* consecutive numbers as keys of consecutive rows, each on one line */

struct key_part { u64 key_column, encoding; };
struct key {
  u64 parts_count; const struct key_part *parts;
  struct entry *entries; u64 entries_count;
  struct stretch *stretches; u64 stretches_count;
};
/* A cell of a key; of those written AS_JSON and so on, the digest of the value, and the value if it is a whole number. */
struct key_cell { const u8 *text; u64 length, label, digest[2], whole; };
#define EVENT_BYTES 48
#define CELL_BYTES 16
#define MEMO_BYTES 24
#define ENTRY_BYTES 32
#define KEY_CELL_BYTES 48
_Static_assert(sizeof(struct event) == EVENT_BYTES && sizeof(struct cell) == CELL_BYTES && sizeof(struct memo) == MEMO_BYTES, "");
_Static_assert(sizeof(struct entry) == ENTRY_BYTES && sizeof(struct key_cell) == KEY_CELL_BYTES, "");

struct scan {
  /* the dialect; 0 for a character that it does not have */
  u64 delimiter, quote, escape, terminator;   /* terminator: 0 for CRLF, LF or CR */
  u64 doubles_quote, skips_space, skips_blank, comment_length;
  const u8 *comment;
  u8 class_of[256];                /* what each byte means outside quotes: ORDINARY … ESCAPE, below */
  /* the table */
  u64 columns_count; struct column *columns;
  u64 keys_count; struct key *keys;
  u64 key_columns_count; const u64 *key_columns; struct key_cell *key_cells;
  u64 secret[2];
  /* limits */
  u64 record_bytes, chunk;
  u64 emits;                       /* whether faults are events; else they are counted */
  u64 most_events, events_cap, entries_cap;
  /* findings: they grow from call to call until Python takes them */
  u64 rows, table_rows, lines, status;
  u64 blank_rows, extra_cells;
  u64 *counts;                     /* [columns_count][LABELS] */
  u64 *short_rows;                 /* [columns_count]: how many records with text have only that many cells */
  u8 *faulty;                      /* a bit for each row of the scan, set if the row is faulty; 0 if they are not wanted */
  struct event *events; u64 events_count;
  /* remembered labels: [memos][memo_slots]; `memo_slots` is a power of two, MEMO_WAYS or more */
  struct memo *memos; u64 memo_slots;
  /* scratch of a chunk, `chunk + PADDING` elements each: the offsets of separators (separators[-1] is used, too); of each record, the index of its last separator, and for those judged by column that of the first
     and the row; line; labels of a column; per separator, whether its cell has doubled quotes */
  u32 *separators, *ends, *first, *row_of; u64 *line_of; u8 *codes, *has_doubled;
  u8 *key_codes;                   /* [key_columns_count][chunk + PADDING] */
  u64 *sorted;                     /* [SIZES * BATCH] */
  u8 *usual;                       /* [columns_count]: the number of quads of most cells, or 0 */
  /* scratch of one record: [columns_count], whether it has text, whether all of it is text */
  struct cell *cells; u8 *labels;
  u64 cells_count, has_text, is_clean;
  u8 *text, *digests;              /* record_bytes + PADDING; 16 * columns_count + PADDING */
};

/* ---- 2. Vectors: 64 bytes at once. Everything that depends on the processor is here ------------------------------ */

#if defined(__AVX2__)
#include <immintrin.h>
#define IMPLEMENTATION "avx2"
typedef struct { __m256i a, b; } block;
INLINE block load64(const u8 *p) {
  return (block){_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 32))};
}
INLINE u64 equal(block v, u8 c) {
  __m256i s = _mm256_set1_epi8((char)c);
  u64 low = (u32)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v.a, s));
  return low | (u64)(u32)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v.b, s)) << 32;
}
INLINE int has_any(block v, u8 x, u8 y, u8 z) {
  __m256i p = _mm256_set1_epi8((char)x), q = _mm256_set1_epi8((char)y), r = _mm256_set1_epi8((char)z);
  __m256i a = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(v.a, p), _mm256_cmpeq_epi8(v.a, q)), _mm256_cmpeq_epi8(v.a, r));
  __m256i b = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(v.b, p), _mm256_cmpeq_epi8(v.b, q)), _mm256_cmpeq_epi8(v.b, r));
  a = _mm256_or_si256(a, b);
  return !_mm256_testz_si256(a, a);
}
INLINE u64 high_bits(block v) { return (u32)_mm256_movemask_epi8(_mm256_or_si256(v.a, v.b)); }
INLINE u64 prefix_xor(u64 q) {
  return (u64)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128((i64)q), _mm_set1_epi8(-1), 0));
}
typedef __m128i vector;
INLINE vector load16(const u8 *p) { return _mm_loadu_si128((const __m128i *)p); }
INLINE vector look_up(vector table, vector at) { return _mm_shuffle_epi8(table, at); }
INLINE u32 lowest(vector v) { return (u32)_mm_cvtsi128_si32(v) & 255; }
#define splat(c) _mm_set1_epi8((char)(c))
#define WIDTH 32
typedef __m256i wide;                /* for is_utf8() */
INLINE wide load_wide(const u8 *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE wide table_of(const u8 *p) { return _mm256_broadcastsi128_si256(load16(p)); }
#define wide_of(c) _mm256_set1_epi8((char)(c))
#define each_of _mm256_shuffle_epi8
#define both _mm256_and_si256
#define either _mm256_or_si256
#define one_of _mm256_xor_si256
#define minus _mm256_subs_epu8
#define nibble(v) _mm256_and_si256(_mm256_srli_epi16(v, 4), wide_of(15))
#define before(v, last, n) _mm256_alignr_epi8(v, _mm256_permute2x128_si256(last, v, 0x21), 16 - (n))
#define is_zero(v) _mm256_testz_si256(v, v)
#define HAS_VECTORS 1

#elif defined(__aarch64__)
#include <arm_neon.h>
#define IMPLEMENTATION "neon"
typedef uint8x16x4_t block;
INLINE block load64(const u8 *p) { return (block){{vld1q_u8(p), vld1q_u8(p + 16), vld1q_u8(p + 32), vld1q_u8(p + 48)}}; }
INLINE u64 equal(block x, u8 c) {
  const uint8x16_t bit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128}, s = vdupq_n_u8(c);
  uint8x16_t m[4];
  for (int i = 0; i < 4; i++) m[i] = vandq_u8(vceqq_u8(x.val[i], s), bit);
  uint8x16_t t = vpaddq_u8(vpaddq_u8(m[0], m[1]), vpaddq_u8(m[2], m[3]));
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(t, t)), 0);
}
INLINE int has_any(block v, u8 x, u8 y, u8 z) {
  uint8x16_t p = vdupq_n_u8(x), q = vdupq_n_u8(y), r = vdupq_n_u8(z), a = vdupq_n_u8(0);
  for (int i = 0; i < 4; i++) a = vorrq_u8(a, vorrq_u8(vorrq_u8(vceqq_u8(v.val[i], p), vceqq_u8(v.val[i], q)), vceqq_u8(v.val[i], r)));
  return vmaxvq_u8(a) != 0;
}
INLINE u64 high_bits(block v) { return vmaxvq_u8(vorrq_u8(vorrq_u8(v.val[0], v.val[1]), vorrq_u8(v.val[2], v.val[3]))) >> 7; }
INLINE u64 prefix_xor(u64 q) { for (int i = 1; i < 64; i *= 2) q ^= q << i; return q; }
typedef uint8x16_t vector;
INLINE vector load16(const u8 *p) { return vld1q_u8(p); }
INLINE vector look_up(vector table, vector at) { return vqtbl1q_u8(table, at); }
INLINE u32 lowest(vector v) { return vgetq_lane_u8(v, 0); }
#define splat(c) vdupq_n_u8((u8)(c))
#define WIDTH 16
typedef uint8x16_t wide;
#define load_wide load16
#define table_of load16
#define wide_of splat
#define each_of vqtbl1q_u8
#define both vandq_u8
#define either vorrq_u8
#define one_of veorq_u8
#define minus vqsubq_u8
#define nibble(v) vshrq_n_u8(v, 4)
#define before(v, last, n) vextq_u8(last, v, 16 - (n))
#define is_zero(v) (vmaxvq_u8(v) == 0)
#define HAS_VECTORS 1

#else
#define IMPLEMENTATION "plain"
#define HAS_VECTORS 0
typedef struct { u64 w[8]; } block;
#define EACH 0x0101010101010101u
#define HIGH 0x8080808080808080u
INLINE block load64(const u8 *p) { block b; memcpy(&b, p, 64); return b; }
/* The high bit of each byte that is zero; exact, unlike the shorter way. */
INLINE u64 zeros(u64 w) { return ~(((w & ~HIGH) + ~HIGH) | w | ~HIGH); }
INLINE u64 equal(block v, u8 c) {
  u64 m = 0;
  for (int i = 0; i < 8; i++) m |= ((zeros(v.w[i] ^ EACH * c) >> 7) * 0x0102040810204080u >> 56) << 8 * i;
  return m;
}
INLINE int has_any(block v, u8 x, u8 y, u8 z) {
  u64 a = 0;
  for (int i = 0; i < 8; i++) a |= zeros(v.w[i] ^ EACH * x) | zeros(v.w[i] ^ EACH * y) | zeros(v.w[i] ^ EACH * z);
  return a != 0;
}
INLINE u64 high_bits(block v) { u64 a = 0; for (int i = 0; i < 8; i++) a |= v.w[i]; return a & HIGH; }
INLINE u64 prefix_xor(u64 q) { for (int i = 1; i < 64; i *= 2) q ^= q << i; return q; }
#endif

INLINE u32 trailing_zeros(u64 m) { return m ? (u32)__builtin_ctzll(m) : 64; }
INLINE u32 ones(u64 m) { return (u32)__builtin_popcountll(m); }
INLINE u64 load8(const u8 *p) { u64 v; memcpy(&v, p, 8); return v; }

#ifndef FINGERPRINT
#define FINGERPRINT ""
#endif
const char *implementation(void) { return IMPLEMENTATION; }
/* A digest of the source: library.py does not load a build of another one. */
const char *fingerprint(void) { return FINGERPRINT; }
/* Return whether the processor and the system can run the avx2 build; the plain build is asked. It asks the processor itself:
   __builtin_cpu_supports() always returns 0 with the compiler of packages. */
int has_avx2(void) {
#if defined(__x86_64__)
  const u32 leaf1 = bit_OSXSAVE | bit_PCLMUL | bit_POPCNT, leaf7 = bit_AVX2 | bit_BMI | bit_BMI2, extended = bit_LZCNT;
  const u32 saved_by_system = 6;   /* the registers of SSE and AVX */
  u32 a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c & leaf1) != leaf1) return 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (b & leaf7) != leaf7) return 0;
  if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || !(c & extended)) return 0;
  __asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  return (a & saved_by_system) == saved_by_system;
#else
  return 0;
#endif
}
u64 size_of_scan(void) { return sizeof(struct scan); }
u64 size_of_column(void) { return sizeof(struct column); }
u64 size_of_pairs(void) { return sizeof(struct pairs); }
u64 size_of_key(void) { return sizeof(struct key); }
u64 size_of_shape(void) { return sizeof(struct shape); }
u64 size_of_time_part(void) { return sizeof(struct time_part); }

/* ---- 3. UTF-8 as in RFC 3629: no surrogates, no overlong forms, nothing beyond U+10FFFF -------------------------- */

/* Return the size of the character at p, of which n bytes are there; 0 if it is not valid. */
INLINE size_t character(const u8 *p, size_t n) {
  u8 b = p[0];
  if (b < 0x80) return 1;
  if (b < 0xC2 || b > 0xF4) return 0;
  size_t size = b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
  if (n < size) return 0;
  u8 low = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80, high = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
  if (p[1] < low || p[1] > high) return 0;
  for (size_t i = 2; i < size; i++) if ((p[i] & 0xC0) != 0x80) return 0;
  return size;
}
#if HAS_VECTORS
/* Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte". */
static int is_utf8(const u8 *d, size_t n) {
  static const u8 first_high[16] = {2, 2, 2, 2, 2, 2, 2, 2, 128, 128, 128, 128, 33, 1, 21, 73};
  static const u8 first_low[16] = {231, 163, 131, 131, 139, 203, 203, 203, 203, 203, 203, 203, 203, 219, 203, 203};
  static const u8 second_high[16] = {1, 1, 1, 1, 1, 1, 1, 1, 230, 174, 186, 186, 1, 1, 1, 1};
#define ALL 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255
  static const u8 at_most[32] = {ALL, ALL, 255, 255, 255, 239, 223, 191};   /* the last bytes of whole characters */
  static const u8 kept[64] = {ALL, ALL, 255, 255, 255, 255, 255, 255};      /* 32 bytes */
  const wide t1 = table_of(first_high), t2 = table_of(first_low), t3 = table_of(second_high);
  wide last = wide_of(0), bad = wide_of(0);
  for (size_t i = 0; i < n; i += WIDTH) {
    wide v = load_wide(d + i);
    if (UNLIKELY(n - i < WIDTH)) v = both(v, load_wide(kept + 32 - (n - i)));
    wide p1 = before(v, last, 1), p2 = before(v, last, 2), p3 = before(v, last, 3);
    wide special = both(both(each_of(t1, nibble(p1)), each_of(t2, both(p1, wide_of(15)))), each_of(t3, nibble(v)));
    wide must = both(either(minus(p2, wide_of(0x60)), minus(p3, wide_of(0x70))), wide_of(0x80));
    bad = either(bad, one_of(must, special));
    last = v;
  }
  return is_zero(either(bad, minus(last, load_wide(at_most + 32 - WIDTH))));
}
#else
static int is_utf8(const u8 *d, size_t n) {
  for (size_t i = 0; i < n;) {
    if (n - i >= 8 && !(load8(d + i) & HIGH)) { i += 8; continue; }
    size_t size = character(d + i, n - i);
    if (!size) return 0;
    i += size;
  }
  return 1;
}
#endif

/* ---- 4. One cell: judging by code points, digests, memory of labels ---------------------------------------------- */

static size_t code_points(const u8 *s, size_t n) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++) m += (s[i] & 0xC0) != 0x80;
  return m;
}
/* Return whether a text of n bytes is surely neither too short nor too long: a code point has four bytes at most. */
INLINE int has_size(const struct column *c, size_t n) { return n <= c->most && n >= (c->least <= 1 ? c->least : 4 * c->least); }
/* Return what the label of a text becomes by its size. */
static u32 sized(const struct column *c, u32 label, const u8 *s, size_t n) {
  if (has_size(c, n)) return label;
  const size_t m = code_points(s, n);
  if (m < c->least) label = c->too_short[label];
  return m > c->most ? c->too_long[label] : label;
}
/* Return the label of a text of n bytes, which are valid UTF-8, by its automaton, or ASK. */
static u32 judge(const struct column *c, const u8 *s, size_t n) {
  if (c->kind == FREE) return n ? VALUE : (u32)c->empty;
  u32 state = 0, kinds = (u32)c->kinds;
  for (size_t i = 0; i < n;) {
    u32 k, p = s[i];
    if (p < 0x80) { k = c->ascii[p]; i++; }
    else {
      u32 size = p < 0xE0 ? 2 : p < 0xF0 ? 3 : 4;
      p &= 0x7Fu >> size;
      for (u32 j = 1; j < size; j++) p = p << 6 | (s[i + j] & 63);
      u64 low = 0, high = c->points_count;
      while (high - low > 1) { u64 middle = (low + high) / 2; if (c->points[middle] <= p) low = middle; else high = middle; }
      k = c->kind_of[low]; i += size;
    }
    state = c->next[state * kinds + k];
  }
  return c->label[state];
}

/* Automata read four bytes at once, a quad. */
#define QUAD 4
INLINE size_t quads_of(size_t n) { return (n + QUAD - 1) / QUAD; }
#define EACH_OF_QUAD(STEP) STEP(0); STEP(1); STEP(2); STEP(3)
#define SHIFT_STEP(k) t = load8(row + 8 * (size_t)p[k]) >> (t & 63)
#define PAIR_STEP(k) t = pairs[p[k] | (size_t)p[(k) + 1] << 8] >> (t & 63)
#define LAYERED_SHIFT_STEP(k) t = load8(layer + (k) * stride + class_of[p[k]]) >> (t & 63)
#if HAS_VECTORS
#define SHUFFLE_STEP(k) v = look_up(load16(row + 16 * (size_t)p[k]), v)
#define LAYERED_SHUFFLE_STEP(k) v = look_up(load16(layer + (k) * stride + class_of[p[k]]), v)
#else
#define SHUFFLE_STEP(k) v = row[16 * (size_t)p[k] + v]
#define LAYERED_SHUFFLE_STEP(k) v = layer[(k) * stride + class_of[p[k]] + v]
#define lowest(v) (v)
#endif
/* Return the label of the text at p, which has at most this number of quads, and a byte at least. All of them are read, beyond
   its end as well: the separator or closing quote that ends it leads to a result, which no byte leaves. The branches are
   predicted well if this is called for the same number of quads again and again. */
INLINE u32 run(const struct automaton *a, const u8 *p, size_t quads, int quoted, u64 kind) {
  u64 t = a->start; size_t in_layers = 0;
  if (kind == PAIRS) {
    const u64 *pairs = a->pairs->rows[quoted];
#pragma GCC unroll 8
    for (; quads; quads--, p += QUAD) { PAIR_STEP(0); PAIR_STEP(2); }
    return a->last[t & 63];
  }
#if HAS_VECTORS
  vector v = splat(a->start);
#else
  u32 v = (u32)a->start;
#endif
  if (kind != SHIFTS) {
    const u8 *layer = a->layered; const u16 *class_of = a->class_of[quoted]; const u64 stride = a->stride;
    in_layers = quads < a->layers / QUAD ? quads : a->layers / QUAD;
    for (size_t i = in_layers; i; i--, p += QUAD, layer += QUAD * stride) {
      if (kind == LAYERED) { EACH_OF_QUAD(LAYERED_SHIFT_STEP); } else { EACH_OF_QUAD(LAYERED_SHUFFLE_STEP); }
    }
  }
  const u8 *row = a->rows[quoted];
  for (quads -= in_layers; quads; quads--, p += QUAD) {
    if (kind != SHUFFLES) { EACH_OF_QUAD(SHIFT_STEP); } else { EACH_OF_QUAD(SHUFFLE_STEP); }
  }
  return kind == SHUFFLES ? a->last[16 * in_layers + lowest(v)] : a->last[64 * in_layers + (t & 63)];
}
/* Fill in what each two bytes do, from what each byte does to the states. Bytes that do the same share their steps. */
COLD void fill_pairs(u64 *pairs, const u8 *rows) {
  u8 like[256];                    /* the first byte that does the same */
  for (u32 b = 0; b < 256; b++) {
    u32 a = 0;
    while (load8(rows + 8 * a) != load8(rows + 8 * b)) a++;
    like[b] = (u8)a;
  }
  for (u32 second = 0; second < 256; second++) {
    u64 *to = pairs + 256 * second, then = load8(rows + 8 * second);
    if (like[second] != second) { memcpy(to, pairs + 256 * like[second], 256 * sizeof *to); continue; }
    for (u32 first = 0; first < 256; first++) {
      u64 step = load8(rows + 8 * first);
      to[first] = 0;
      for (u32 state = 0; state < 60; state += 6) to[first] |= (then >> (step >> state & 63) & 63) << state;
    }
  }
}
/* Count n more cells of a column. Return whether to judge them by two bytes a step: only after so many cells that it pays for
   filling the pairs, which is done here. */
static int prepare_pairs(const struct column *c, u32 n, int quoted) {
  struct pairs *pairs = c->automaton.pairs;
  if (!pairs) return 0;
  pairs->cells_before -= n < pairs->cells_before ? n : pairs->cells_before;
  if (pairs->cells_before) return 0;
  for (int k = 0; k <= quoted; k++) {
    if (!pairs->is_filled[k]) { fill_pairs(pairs->rows[k], c->automaton.rows[k]); pairs->is_filled[k] = 1; }
  }
  return 1;
}
/* Return the label of a text in place: behind it is what ends such a cell. It is valid UTF-8. */
static u32 judge_in_place(const struct column *c, const u8 *s, size_t n, int quoted) {
  const size_t quads = quads_of(n);
  if (!n) return judge(c, s, n);
  switch (c->kind) {
    case SHIFTS: return run(&c->automaton, s, quads, quoted, SHIFTS);
    case LAYERED: return run(&c->automaton, s, quads, quoted, LAYERED);
    case SHUFFLES: return run(&c->automaton, s, quads, quoted, SHUFFLES);
    default: return judge(c, s, n);
  }
}

/* A digest is SipHash-1-3 of 128 bits under a secret key. */
typedef u64 four __attribute__((vector_size(32)));
#define ALL_FOUR(v) (four){v, v, v, v}
#define ROTATED(x, b) ((x) << (b) | (x) >> (64 - (b)))
#define SIP_ROUND \
  (a += b, b = ROTATED(b, 13), b ^= a, a = ROTATED(a, 32), e += f, f = ROTATED(f, 16), f ^= e, \
   a += f, f = ROTATED(f, 21), f ^= a, e += b, b = ROTATED(b, 17), b ^= e, e = ROTATED(e, 32))
/* Write the digest of a text to h; up to 7 bytes behind the text are read. */
INLINE void digest(const u64 *secret, const u8 *s, size_t n, u64 *h) {
  u64 a = secret[0] ^ 0x736f6d6570736575u, b = secret[1] ^ 0x646f72616e646f6du ^ 0xee;
  u64 e = secret[0] ^ 0x6c7967656e657261u, f = secret[1] ^ 0x7465646279746573u, word;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) { word = load8(s + i); f ^= word; SIP_ROUND; a ^= word; }
  word = (n & 7 ? load8(s + i) & ~(~0ull << 8 * (n & 7)) : 0) | (u64)n << 56;
  f ^= word; SIP_ROUND; a ^= word; e ^= 0xee; SIP_ROUND; SIP_ROUND; SIP_ROUND; h[0] = a ^ b ^ e ^ f;
  b ^= 0xdd; SIP_ROUND; SIP_ROUND; SIP_ROUND; h[1] = a ^ b ^ e ^ f;
}
void digest_of(const u64 *secret, const u8 *s, u64 n, u64 *h) { digest(secret, s, n, h); }
/* Write the digests of four texts, which have the same number of whole words of eight bytes, to h. */
INLINE void digest4(const u64 *secret, const u8 *const *s, const size_t *n, u64 (*h)[2]) {
#define FOUR(EXPRESSION) (four){EXPRESSION(0), EXPRESSION(1), EXPRESSION(2), EXPRESSION(3)}
#define WORD(k) load8(s[k] + i)
#define TAIL(k) ((n[k] & 7 ? load8(s[k] + i) & ~(~0ull << 8 * (n[k] & 7)) : 0) | (u64)n[k] << 56)
  four a = ALL_FOUR(secret[0] ^ 0x736f6d6570736575u), b = ALL_FOUR(secret[1] ^ 0x646f72616e646f6du ^ 0xee);
  four e = ALL_FOUR(secret[0] ^ 0x6c7967656e657261u), f = ALL_FOUR(secret[1] ^ 0x7465646279746573u), word;
  size_t i = 0;
  for (; i + 8 <= n[0]; i += 8) { word = FOUR(WORD); f ^= word; SIP_ROUND; a ^= word; }
  word = FOUR(TAIL);
  f ^= word; SIP_ROUND; a ^= word; e ^= 0xee; SIP_ROUND; SIP_ROUND; SIP_ROUND;
  const four first = a ^ b ^ e ^ f;
  b ^= 0xdd; SIP_ROUND; SIP_ROUND; SIP_ROUND;
  const four second = a ^ b ^ e ^ f;
  for (int k = 0; k < 4; k++) { h[k][0] = first[k]; h[k][1] = second[k]; }
}

/* The labels that the reference gave to texts, by digest, in sets: a new one replaces the oldest of its set. */
#define MEMO_WAYS 4
INLINE struct memo *memos_of(const struct scan *x, const struct column *c, u64 h0) {
  return &x->memos[(u64)c->memo * x->memo_slots + (h0 & (x->memo_slots - 1) & ~(u64)(MEMO_WAYS - 1))];
}
static u32 remembered(const struct scan *x, const struct column *c, const u8 *s, size_t n) {
  u64 h[2];
  digest(x->secret, s, n, h);
  const struct memo *set = memos_of(x, c, h[0]);
  for (int k = 0; k < MEMO_WAYS; k++) if (set[k].h0 == h[0] && set[k].h1 == h[1]) return (u32)set[k].label;
  return ASK;
}
/* Remember the label of a text, behind which up to 7 bytes are read. */
void remember(struct scan *x, u64 column, const u8 *s, u64 n, u64 label) {
  u64 h[2];
  digest(x->secret, s, n, h);
  struct memo *set = memos_of(x, &x->columns[column], h[0]);
  memmove(set + 1, set, (MEMO_WAYS - 1) * sizeof *set);
  set[0] = (struct memo){h[0], h[1], label};
}

static u32 json_label(const struct scan *x, const struct column *c, const u8 *s, size_t n);
/* Return the label of a text that the automaton does not decide: of its JSON, or that which the reference gave to it. */
static u32 label_of(const struct scan *x, const struct column *c, const u8 *s, size_t n) {
  u32 label = sized(c, judge(c, s, n), s, n);
  if (label == ASK && c->json) label = json_label(x, c, s, n);
  return label == ASK ? remembered(x, c, s, n) : label;
}

/* ---- 5. Splitting one record, by all rules of the dialect -------------------------------------------------------- */

enum { ORDINARY, DELIMITER, BREAK, QUOTE, ESCAPE };
#define CUT SIZE_MAX                   /* the end of the record is not in the data yet */

/* Return the size of the escape at i and of what it escapes; 0 if that is cut off. CR LF is escaped as a whole. */
INLINE size_t escaped_bytes(const u8 *d, size_t i, size_t n) {
  if (i + 1 >= n) return 0;
  if (d[i + 1] != '\r') return 2;
  if (i + 2 >= n) return 0;
  return d[i + 2] == '\n' ? 3 : 2;
}
/* Return the end of a quoted cell with spaces before it, as Grammar.spaced matches it; 0 if there is none at i, or CUT. */
static size_t spaced_end(const struct scan *x, const u8 *d, size_t i, size_t n) {
  const u8 quote = (u8)x->quote, delimiter = (u8)x->delimiter, *class_of = x->class_of;
  while (i < n && d[i] == ' ') i++;
  if (i < n && d[i] != quote) return 0;
  for (i++; i < n; i++) {
    if (class_of[d[i]] == BREAK) return 0;
    if (d[i] != quote) continue;
    if (d[i - 1] == delimiter) return 0;
    if (i + 1 >= n) return CUT;
    if (x->doubles_quote && d[i + 1] == quote) { i++; continue; }
    do i++; while (i < n && d[i] == ' ');
    if (i >= n) return CUT;
    return d[i] == delimiter || class_of[d[i]] == BREAK ? i : 0;
  }
  return CUT;
}
static int is_all(const u8 *s, size_t n, u8 byte) {
  for (size_t i = 0; i < n; i++) if (s[i] != byte) return 0;
  return 1;
}
/* Split the record at p into x->cells, as far as there are columns; return where the next record starts, or CUT. */
static size_t split(struct scan *x, const u8 *d, size_t p, size_t n) {
  const u8 quote = (u8)x->quote, escape = (u8)x->escape, *class_of = x->class_of;
  const int has_spaced = quote && !escape && !x->skips_space && class_of[' '] == ORDINARY;
  size_t i = p, count = 0; u64 text = 0;
  for (;;) {
    u32 flags = 0; size_t start, end, spaced = has_spaced && i < n && d[i] == ' ' ? spaced_end(x, d, i, n) : 0;
    if (spaced == CUT) return CUT;
    if (spaced) {
      if (count < x->columns_count) x->cells[count] = (struct cell){(u32)i, (u32)spaced, QUOTED | TEXT_AFTER | SPACED, 0};
      count++; text = 1; i = spaced;
      if (class_of[d[i]] == BREAK) break;
      i++;
      continue;
    }
    if (x->skips_space) while (i < n && d[i] == ' ') i++;
    start = i;
    if (quote && i < n && d[i] == quote) {
      start = ++i; flags = QUOTED;
      for (;;) {
        if (!escape) { const u8 *q = i < n ? memchr(d + i, quote, n - i) : 0; if (!q) return CUT; i = (size_t)(q - d); }
        else while (i < n && d[i] != quote && d[i] != escape) i++;
        if (i >= n) return CUT;
        if (escape && d[i] == escape) {
          size_t step = escaped_bytes(d, i, n);
          if (!step) return CUT;
          flags |= ESCAPED; i += step; continue;
        }
        if (!x->doubles_quote) break;
        if (i + 1 >= n) return CUT;
        if (d[i + 1] != quote) break;
        flags |= DOUBLED; i += 2;
      }
      end = i++;
    } else end = i;
    size_t outside = i;
    for (; i < n; i++) {
      u8 class = class_of[d[i]];
      if (class == ORDINARY) continue;
      if (class == QUOTE) { flags |= STRAY; continue; }
      if (class != ESCAPE) break;
      size_t step = escaped_bytes(d, i, n);
      if (!step) return CUT;
      flags |= ESCAPED; i += step - 1;
    }
    if (i >= n) return CUT;
    if (flags & QUOTED) { if (i > outside) flags |= TEXT_AFTER | (is_all(d + outside, i - outside, ' ') ? ONLY_SPACE : 0); } else end = i;
    text |= end > start || (flags & TEXT_AFTER);
    if (count < x->columns_count) x->cells[count] = (struct cell){(u32)start, (u32)end, flags, 0};
    count++;
    if (class_of[d[i]] == BREAK) break;
    i++;
  }
  x->cells_count = count; x->has_text = text;
  if (d[i] != '\r' || x->terminator) return i + 1;
  if (i + 1 >= n) return CUT;
  return d[i + 1] == '\n' ? i + 2 : i + 1;
}
/* Count the line breaks from p to end; d[end] is read if a CR is last. */
static u64 breaks(const struct scan *x, const u8 *d, size_t p, size_t end) {
  u64 m = 0;
  if (x->terminator) for (; p < end; p++) m += d[p] == x->terminator;
  else for (; p < end; p++) m += (d[p] == '\n') | ((d[p] == '\r') & (d[p + 1] != '\n'));
  return m;
}
/* Write the text of a cell that has doubled quotes or escapes to t; return its length, which is at most n. */
static size_t unescaped(const struct scan *x, u8 *t, const u8 *s, size_t n, u32 flags) {
  const u8 quote = (u8)x->quote, escape = (u8)x->escape;
  size_t m = 0;
  for (size_t i = 0; i < n;) {
    if (escape && s[i] == escape && i + 1 < n) {
      t[m++] = s[i + 1]; i += 2;
      if (s[i - 1] == '\r' && i < n && s[i] == '\n') t[m++] = s[i++];
    } else { t[m++] = s[i]; i += (flags & DOUBLED) && s[i] == quote ? 2 : 1; }
  }
  return m;
}
/* A record of the data, for events. */
struct record { u64 row, line; size_t start, end; };
static struct event *emit(struct scan *x, const struct record *r, u32 kind, u64 column, u64 detail) {
  struct event *e = &x->events[x->events_count];
  if (x->events_count + 1 < x->events_cap) x->events_count++;   /* always true: scan() reserves room */
  *e = (struct event){r->row, r->line, (u32)r->start, (u32)(r->end - r->start), 0, 0, (i32)column, kind, 0, (u32)detail};
  return e;
}
static void emit_cell(struct scan *x, const struct record *r, const struct cell *cell, u64 column, u32 label) {
  struct event *e = emit(x, r, label == ASK ? UNJUDGED_CELL : FAULTY_CELL, column, label);
  e->cell = cell->start; e->cell_length = cell->end - cell->start; e->flags = cell->flags;
}
static int by_row(const void *a, const void *b) {
  const struct event *e = a, *f = b;
  return e->row != f->row ? (e->row < f->row ? -1 : 1) : (e->column > f->column) - (e->column < f->column);
}
/* Return the label of a cell of a record that was split. Its text, if it has one, is put into *to. */
static u32 label_cell(struct scan *x, const struct column *c, const u8 *d, const struct cell *cell, u8 *room, struct key_cell *to) {
  const u8 *s = d + cell->start; size_t n = cell->end - cell->start;
  if (cell->flags & TEXT_AFTER) return cell->flags & SPACED ? SPACE_BEFORE_QUOTE : cell->flags & ONLY_SPACE ? SPACE_AFTER_QUOTE : TEXT_AFTER_QUOTE;
  int is_stray = (cell->flags & (STRAY | QUOTED)) == STRAY, is_written = cell->flags & (DOUBLED | ESCAPED) && !is_stray;
  if (is_stray && !c->is_json) return STRAY_QUOTE;
  if (is_written) { n = unescaped(x, room, s, n, cell->flags); s = room; }
  if (is_written || !x->is_clean) {
    u32 label = !is_utf8(s, n) ? NOT_DECODED : memchr(s, 0, n) ? HAS_NUL : VALUE;
    if (label) return is_stray ? STRAY_QUOTE : label;
  }
  to->text = s; to->length = n;
  if (is_written || is_stray) return label_of(x, c, s, n);
  u32 label = judge_in_place(c, s, n, (cell->flags & QUOTED) != 0);
  return label < ASK ? sized(c, label, s, n) : label_of(x, c, s, n);
}

/* ---- 6. Keys of a record ----------------------------------------------------------------------------------------- */

#define LONGEST_INTEGER 40
#define NOT_WHOLE UINT64_MAX
/* Write the value of an integer field, after a NUL: without leading zeros, and without a sign unless it is negative.
   Return the length; 0 if the cell is written otherwise or is too long. `t` has room for LONGEST_INTEGER + 2 bytes. */
static size_t integer(u8 *t, const u8 *s, size_t n) {
  while (n && (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n')) s++, n--;
  while (n && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r' || s[n - 1] == '\n')) n--;
  int is_negative = n && *s == '-';
  if (n && (*s == '-' || *s == '+')) s++, n--;
  while (n > 1 && *s == '0') s++, n--;
  if (!n || n >= LONGEST_INTEGER) return 0;
  size_t m = 0;
  t[m++] = 0;
  if (is_negative && !(n == 1 && *s == '0')) t[m++] = '-';
  for (size_t i = 0; i < n; i++) { if (s[i] < '0' || s[i] > '9') return 0; t[m++] = s[i]; }
  return m;
}
/* Return whether integer() can write a value. */
static int is_integer(const u8 *s, size_t n) {
  u8 t[LONGEST_INTEGER + 16]; size_t i = 0;
  while (i < n && s[i] >= '0' && s[i] <= '9') i++;
  return (i == n && n && n < LONGEST_INTEGER) || integer(t, s, n);
}
static void note_digest(struct key *k, const u64 *h, u64 row, u64 line) {
  k->entries[k->entries_count++] = (struct entry){h[0], h[1], row, line};
}
/* Note a whole number that is not negative; it extends the last stretch if it is the next number in the next row. */
static void note_number(struct key *k, u64 v, u64 row, u64 line) {
  if (k->stretches_count) {
    struct stretch *s = &k->stretches[k->stretches_count - 1];
    if (v == s->first + s->count && row == s->row + s->count && line == s->line + s->count) { s->count++; return; }
  }
  k->stretches[k->stretches_count++] = (struct stretch){v, row, line, 1};
}
static void note_key(struct scan *x, struct key *k, u64 row, u64 line) {
  u8 t[LONGEST_INTEGER + 16]; u64 h[2];
  if (k->parts_count == 1) {
    const struct key_cell *cell = &x->key_cells[k->parts[0].key_column];
    if (k->parts[0].encoding == AS_TEXT) digest(x->secret, cell->text, cell->length, h);
    else if (k->parts[0].encoding > AS_INTEGER) {
      if (cell->whole != NOT_WHOLE) { note_number(k, cell->whole, row, line); return; }
      memcpy(h, cell->digest, 16);
    } else {
      const u8 *s = cell->text; u64 v = 0; size_t i = 0;
      for (; i < cell->length && i < 18 && s[i] >= '0' && s[i] <= '9'; i++) v = v * 10 + (u64)(s[i] - '0');
      if (i && i == cell->length) { note_number(k, v, row, line); return; }
      size_t n = integer(t, s, cell->length);
      if (n < 20 && t[1] != '-') { for (v = 0, i = 1; i < n; i++) v = v * 10 + (u64)(t[i] - '0'); note_number(k, v, row, line); return; }
      digest(x->secret, t, n, h);
    }
    note_digest(k, h, row, line);
    return;
  }
  for (u64 j = 0; j < k->parts_count; j++) {
    const struct key_cell *cell = &x->key_cells[k->parts[j].key_column];
    if (k->parts[j].encoding == AS_TEXT) digest(x->secret, cell->text, cell->length, h);
    else if (k->parts[j].encoding > AS_INTEGER) memcpy(h, cell->digest, 16);
    else digest(x->secret, t, integer(t, cell->text, cell->length), h);
    memcpy(x->digests + 16 * j, h, 16);
  }
  digest(x->secret, x->digests, 16 * k->parts_count, h);
  note_digest(k, h, row, line);
}
static int value_digest(const u64 *secret, const struct column *c, u64 encoding, struct key_cell *cell);
/* Note the keys of the record whose key cells are in x->key_cells. Return 0, with nothing noted, if Python has to. */
static int note_keys(struct scan *x, u64 row, u64 line) {
  for (u64 i = 0; i < x->keys_count; i++) {
    const struct key *k = &x->keys[i];
    for (u64 j = 0; j < k->parts_count; j++) {
      struct key_cell *cell = &x->key_cells[k->parts[j].key_column]; const u64 encoding = k->parts[j].encoding;
      const struct column *c = &x->columns[x->key_columns[k->parts[j].key_column]]; u8 meaning = c->to_key[cell->label];
      if (meaning == UNASKED) return 0;
      if (meaning != KNOWN || encoding == AS_TEXT) continue;
      if (encoding == AS_INTEGER ? !is_integer(cell->text, cell->length) : !value_digest(x->secret, c, encoding, cell)) return 0;
    }
  }
  for (u64 i = 0; i < x->keys_count; i++) {
    struct key *k = &x->keys[i]; int is_known = 1;
    for (u64 j = 0; j < k->parts_count; j++) {
      u64 at = k->parts[j].key_column;
      is_known &= x->columns[x->key_columns[at]].to_key[x->key_cells[at].label] == KNOWN;
    }
    if (is_known) note_key(x, k, row, line);
  }
  return 1;
}

/* Note the keys of a record, or emit that Python has to. */
static void add_keys(struct scan *x, const struct record *r) {
  if (!note_keys(x, r->row, r->line)) emit(x, r, UNNOTED_KEYS, x->columns_count + 1, 0);
}

/* Mark a row as faulty, whether or not its faults are events. */
INLINE void mark(struct scan *x, u64 row) { if (x->faulty) x->faulty[row >> 3] |= (u8)(1 << (row & 7)); }

/* ---- 7. Judging one record --------------------------------------------------------------------------------------- */

static int is_text(const u8 *s, size_t n) { return is_utf8(s, n) && !memchr(s, 0, n); }
/* Judge the record whose cells are in x->cells. Emits at most columns_count + 2 events, in the order of columns. */
static void judge_record(struct scan *x, const u8 *d, const struct record *r, int is_clean) {
  const u64 columns = x->columns_count, count = x->cells_count < columns ? x->cells_count : columns;
  if (!x->has_text && x->skips_blank) return;
  x->table_rows++;
  if (!x->has_text) {
    mark(x, r->row);
    if (x->emits) emit(x, r, BLANK_RECORD, 0, 0); else x->blank_rows++;
    return;
  }
  u8 *room = x->text;
  x->is_clean = (u64)is_clean;
  for (u64 j = 0; j < count; j++) {
    struct column *c = &x->columns[j]; const struct cell *cell = &x->cells[j]; struct key_cell to = {.text = d};
    u32 label = label_cell(x, c, d, cell, room, &to);
    if (to.text == room) room += to.length;
    to.label = label;
    if (c->key_column >= 0) x->key_cells[c->key_column] = to;
    int is_faulty = (int)(c->faults >> label & 1);
    if (is_faulty) mark(x, r->row);
    if (label == ASK || (is_faulty && x->emits)) emit_cell(x, r, cell, j, label);
    else if (is_faulty) x->counts[j * LABELS + label]++;
  }
  if (x->cells_count != columns) mark(x, r->row);
  if (x->cells_count < columns) { if (x->emits) emit(x, r, SHORT_RECORD, count, 0); else x->short_rows[count]++; }
  if (x->cells_count > columns) { if (x->emits) emit(x, r, LONG_RECORD, columns, x->cells_count); else x->extra_cells += x->cells_count - columns; }
  for (u64 i = 0; i < x->key_columns_count; i++) if (x->key_columns[i] >= count) x->key_cells[i] = (struct key_cell){.text = d, .label = TEXT_AFTER_QUOTE};
  if (x->keys_count) add_keys(x, r);
}

/* ---- 8. Separators of a chunk, up to the first wrong quote ------------------------------------------------------- */

struct found { u32 count, ends; u64 inner; size_t stop; u32 has_quotes, has_high, has_nul, has_cr, is_dirty, others; };
#define UNCOUNTED UINT64_MAX

/* Write the offsets of the bits of a mask; return behind the last one. Up to 16 more elements are written to. */
INLINE u32 *flatten(u32 *out, u32 base, u64 mask) {
  u32 count = ones(mask), *end = out + count;
  for (int k = 0; k < 8; k++) { out[k] = base + trailing_zeros(mask); mask &= mask - 1; }
  if (UNLIKELY(count > 8)) {
    for (int k = 8; k < 16; k++) { out[k] = base + trailing_zeros(mask); mask &= mask - 1; }
    for (u32 k = 16; k < count; k++) { out[k] = base + (u32)__builtin_ctzll(mask); mask &= mask - 1; }
  }
  return end;
}
/* Find the separators from p, where a record starts, to e, or to the first wrong quote (stop). At most e - p. Reads d[e].
   Sets has_doubled, which is 0, for the cells with doubled quotes, and perhaps for the one behind the last separator. */
static struct found structure(const struct scan *x, const u8 *d, size_t p, size_t e) {
  const u8 delimiter = (u8)x->delimiter, quote = (u8)x->quote, feed = x->terminator ? (u8)x->terminator : '\n';
  const int is_universal = !x->terminator;
  const u8 cr_or_nul = is_universal ? '\r' : 0;
  u32 *out = x->separators; struct found f = {0};
  u64 in_before = 0, separator_before = 1, closed_before = 0, so_far = 0, high = 0;
  for (size_t i = p; i < e; i += 64) {
    block v = load64(d + i);
    u64 valid = e - i >= 64 ? ~0ull : ~(~0ull << (e - i));
    u64 delimiters = equal(v, delimiter), feeds = equal(v, feed), lone = 0;
    high |= high_bits(v);
    if (LIKELY(!(has_any(v, quote, cr_or_nul, 0) | (in_before | closed_before) | (valid != ~0ull)))) {
      u64 separators = delimiters | feeds;
      f.ends += ones(feeds); f.inner = feeds ? so_far : f.inner; separator_before = separators >> 63;
      out = flatten(out, (u32)i, separators);
      continue;
    }
    u64 crs = is_universal ? equal(v, '\r') : 0, quotes = quote ? equal(v, quote) : 0;
    f.has_nul |= (equal(v, 0) & valid) != 0;
    f.has_cr |= (crs & valid) != 0;
    if (crs) lone = crs & ~(feeds >> 1 | (u64)(d[i + 64] == '\n') << 63);
    u64 newlines = feeds | lone, separators;
    if (quotes | in_before | closed_before) {
      u64 in = prefix_xor(quotes) ^ in_before, boundaries = (delimiters | feeds | crs) & ~in;
      u64 opening = quotes & in, closing = quotes & ~in, after = closing << 1 | closed_before, twice = opening & after & valid;
      u64 bad = (opening & ~(boundaries << 1 | after | separator_before)) | (after & ~(delimiters | feeds | crs | quotes));
      if (!x->doubles_quote) bad |= twice;
      bad &= valid;
      in_before = (u64)((i64)in >> 63); separator_before = boundaries >> 63; closed_before = closing >> 63;
      f.has_quotes = 1;
      u64 good = bad ? (bad & -bad) - 1 : ~0ull;
      separators = (delimiters | newlines) & ~in & valid;
      for (twice &= good; twice; twice &= twice - 1)
        x->has_doubled[(u64)(out - x->separators) + ones(separators & ((twice & -twice) - 1))] = 1;
      u64 outer = newlines & separators, inner = newlines & in & valid, below = outer ? ~0ull >> __builtin_clzll(outer) : 0;
      if (outer) f.inner = so_far + ones(inner & below);
      so_far += ones(inner);
      if (UNLIKELY(bad)) {
        out = flatten(out, (u32)i, separators & good); f.ends += ones(outer & good); f.inner = UNCOUNTED;
        f.stop = i + trailing_zeros(bad);
        break;
      }
    } else {
      separators = (delimiters | newlines) & valid; separator_before = (delimiters | feeds | crs) >> 63;
      f.inner = newlines & separators ? so_far : f.inner;
    }
    f.ends += ones(newlines & separators);
    out = flatten(out, (u32)i, separators);
  }
  f.count = (u32)(out - x->separators); f.has_high = high != 0;
  return f;
}

/* ---- 9. A column of a chunk -------------------------------------------------------------------------------------- */

#define SIZES 34                   /* the cells of all further sizes are sorted as one */
#define BATCH 1024
_Static_assert((SIZES - 2) * QUAD <= PADDING, "label_in_order() reads so many bytes of a cell");
/* Locate the cell that ends at separator k: its start and length, without quotes. Return 1 if it is quoted. */
INLINE u32 locate(const u8 *d, const u32 *separators, u64 k, u8 quote, int quoted, int last, size_t *start, size_t *length) {
  size_t a = separators[(i64)k - 1] + 1, e = separators[k], is = 0;
  if (last) e -= (d[e] == '\n') & (d[e - (e > a)] == '\r');
  if (quoted) { is = e > a && d[a] == quote; a += is; e -= is; }
  *start = a; *length = e - a;
  return (u32)is;
}
COLD u32 judge_doubled(const struct scan *x, const struct column *c, const u8 *s, size_t n) {
  return judge(c, x->text, unescaped(x, x->text, s, n, DOUBLED));
}
/* A pass over the cells of column `at` in some records, which writes their labels to `codes`. quoted: some cells may be
   quoted; last: they may end before CR LF. It is passed by value, so that its members are in registers. */
struct pass {
  struct scan *x; const struct column *c; const u8 *d; u64 at, kind; int quoted, last;
  struct automaton automaton; const u32 *first, *separators; const u8 *doubled; u8 *codes, quote;
};
INLINE u32 locate_in(struct pass p, u32 r, size_t *start, size_t *length) {
  return locate(p.d, p.separators, p.first[r] + p.at, p.quote, p.quoted, p.last, start, length);
}
/* Label the cell if it has doubled quotes. Return whether it has. */
INLINE int label_doubled(struct pass p, u32 r, size_t start, size_t length) {
  if (!p.quoted || LIKELY(!p.doubled[p.first[r] + p.at])) return 0;
  p.codes[r] = (u8)judge_doubled(p.x, p.c, p.d + start, length);
  return 1;
}
INLINE u8 run_in(struct pass p, size_t start, size_t quads, u32 is_quoted) {
  return (u8)run(&p.automaton, p.d + start, quads, p.quoted ? (int)is_quoted : 0, p.kind);
}
/* Label cells without an automaton, or by code points. */
INLINE void label_plainly(struct pass p, u32 n) {
  const u8 empty = (u8)p.c->empty; u8 *restrict codes = p.codes; size_t start, length;
  for (u32 r = 0; r < n; r++) {
    locate_in(p, r, &start, &length);
    if (p.kind == FREE) codes[r] = length ? VALUE : empty;
    else if (!label_doubled(p, r, start, length)) codes[r] = (u8)judge(p.c, p.d + start, length);
  }
}
/* Label cells in their order, of which most have the same number of quads. Return how many have another number. */
INLINE u32 label_in_order(struct pass p, u32 from, u32 to, size_t quads) {
  u32 others = 0; size_t start, length;
  for (u32 r = from; r < to; r++) {
    u32 is = locate_in(p, r, &start, &length);
    if (label_doubled(p, r, start, length)) continue;
    if (UNLIKELY(length - 1 >= QUAD * quads)) {          /* longer, or empty */
      p.codes[r] = length ? run_in(p, start, quads_of(length), is) : p.c->label[0]; others++;
      continue;
    }
    p.codes[r] = run_in(p, start, quads, is); others += length <= QUAD * (quads - 1);
  }
  return others;
}
/* Label cells with the same number of quads, in the form in which label_sorted() keeps them. */
INLINE void label_equal(struct pass p, const u64 *cells, u32 n, size_t quads) {
  for (u32 i = 0; i < n; i++) p.codes[cells[i] >> 32] = run_in(p, (u32)cells[i] & 0x7FFFFFFF, quads, (u32)(cells[i] >> 31 & 1));
}
/* Call CALL with a number of quads: for PAIRS as a constant, if it is at most 8. Then the compiler makes no loop over quads. */
#define WITH_QUADS(p, n, CALL) switch (p.kind == PAIRS ? (n) : 0) { \
    case 1: CALL(1); break; case 2: CALL(2); break; case 3: CALL(3); break; case 4: CALL(4); break; \
    case 5: CALL(5); break; case 6: CALL(6); break; case 7: CALL(7); break; case 8: CALL(8); break; default: CALL(n); }
/* Label cells sorted by their number of quads. Return the number that most of them have, up to SIZES - 2, or 0. */
INLINE size_t label_sorted(struct pass p, u32 from, u32 to) {
  u32 count[SIZES] = {0}; u64 *restrict sorted = p.x->sorted; size_t start, length, usual = 0;
  for (u32 r = from; r < to; r++) {
    u32 is = locate_in(p, r, &start, &length); size_t size = quads_of(length);
    size = size < SIZES - 1 ? size : SIZES - 1;
    if (!label_doubled(p, r, start, length)) sorted[size * BATCH + count[size]++] = (u64)r << 32 | (u64)is << 31 | start;
  }
  for (u32 i = 0; i < count[0]; i++) p.codes[sorted[i] >> 32] = p.c->label[0];
  for (size_t size = 1; size < SIZES - 1; size++) {
    if (count[size] * 16 > 15 * (to - from)) usual = size;
#define EQUAL(quads) label_equal(p, sorted + size * BATCH, count[size], quads)
    WITH_QUADS(p, size, EQUAL)
#undef EQUAL
  }
  for (u32 i = 0; i < count[SIZES - 1]; i++) {
    u32 r = (u32)(sorted[(SIZES - 1) * BATCH + i] >> 32), is = locate_in(p, r, &start, &length);
    p.codes[r] = run_in(p, start, quads_of(length), is);
  }
  return usual;
}
/* Label the cell of each of n records. */
INLINE void label_column(struct pass p, u32 n) {
  if (p.kind < SHIFTS) { label_plainly(p, n); return; }
  u8 *usual = &p.x->usual[p.at];
  for (u32 from = 0; from < n; from += BATCH) {
    u32 to = n - from < BATCH ? n : from + BATCH, others = 0;
    if (!*usual) { *usual = (u8)label_sorted(p, from, to); continue; }
#define IN_ORDER(quads) others = label_in_order(p, from, to, quads)
    WITH_QUADS(p, *usual, IN_ORDER)
#undef IN_ORDER
    if (others * 16 > to - from) *usual = 0;
  }
}
#define PASS(NAME, KIND) \
  static __attribute__((noinline)) void NAME(struct scan *x, const struct column *c, u64 at, const u8 *d, u32 n, int quoted, int last) { \
    struct pass p = {x, c, d, at, KIND, 0, 0, c->automaton, x->first, x->separators, x->has_doubled, x->codes, (u8)x->quote}; \
    if (quoted) { p.quoted = 1; p.last = last; label_column(p, n); } \
    else if (last) { p.last = 1; label_column(p, n); } \
    else label_column(p, n); \
  }
PASS(label_free, FREE)
PASS(label_plain, PLAIN)
PASS(label_shifts, SHIFTS)
PASS(label_pairs, PAIRS)
PASS(label_layered, LAYERED)
PASS(label_shuffles, SHUFFLES)

/* ---- 10. The records of a chunk ---------------------------------------------------------------------------------- */

/* Fill first, row_of and ends for the records of a chunk. Return how many can be judged by column. The others are split one
   by one: they are short, long, perhaps blank, or contain bytes that are not text. Their rows are at the end of row_of, the
   first one last. Blank records, if they are surely blank, are in neither list while they are only counted. */
static u32 wide_records(struct scan *x, const u8 *d, size_t p, struct found *f) {
  const u32 *restrict separators = x->separators; u32 *restrict first = x->first, *restrict row_of = x->row_of, *restrict ends = x->ends;
  const u32 columns = (u32)x->columns_count, records = f->ends; const u8 delimiter = (u8)x->delimiter;
  const u32 widest_blank = columns - 1 + f->has_cr + (f->has_quotes ? 2 * columns : 0);
  u32 wide = 0, k0 = 0, is_even = f->count / columns >= records;
  f->others = 0;
  if (is_even) {                           /* usually all records have as many cells as there are columns */
    for (u32 r = 0; r < records; r++, k0 += columns) {
      u32 k1 = k0 + columns - 1, end = separators[k1];
      is_even &= d[end] != delimiter; ends[r] = k1; first[wide] = k0; row_of[wide] = r;
      wide += end - separators[(i64)k0 - 1] > widest_blank + 1;
    }
  }
  if (!is_even) { u32 m = 0; for (u32 k = 0; m < records; k++) { ends[m] = k; m += d[separators[k]] != delimiter; } }
  size_t stop = separators[ends[records - 1]] + 1;
  f->is_dirty = f->has_nul || (f->has_high && !is_utf8(d + p, stop - p));
  if (is_even && wide == records && !f->is_dirty) return wide;
  const u32 counts_blank = !x->emits && !x->faulty; u32 blank = 0, others = 0;
  wide = k0 = 0;
  for (u32 r = 0; r < records; r++) {
    u32 k1 = ends[r], start = separators[(i64)k0 - 1] + 1, end = separators[k1];
    if (f->has_cr) end -= (d[end] == '\n') & (d[end - (end > start)] == '\r');
    u32 is = (k1 - k0 == columns - 1) & (end - start > widest_blank), is_blank = counts_blank & (end - start == k1 - k0);
    if (f->is_dirty) is = is && is_text(d + start, end - start);
    first[wide] = k0; wide += is; row_of[is ? wide - 1 : records - 1 - others] = r;
    blank += is_blank; others += 1 - (is | is_blank); k0 = k1 + 1;
  }
  if (!x->skips_blank) { x->blank_rows += blank; x->table_rows += blank; }
  f->others = others;
  return wide;
}
/* Return the cell that ends at separator k. If it has doubled quotes, its text is written to *room, which is advanced. */
static struct key_cell text_at(struct scan *x, const u8 *d, u64 k, const struct found *f, int last, u8 **room, struct cell *cell) {
  size_t a, length; u32 is = locate(d, x->separators, k, (u8)x->quote, (int)f->has_quotes, last, &a, &length);
  u32 flags = is ? QUOTED | (x->has_doubled[k] ? DOUBLED : 0) : 0;
  if (cell) *cell = (struct cell){(u32)a, (u32)(a + length), flags, 0};
  if (!(flags & DOUBLED)) return (struct key_cell){.text = d + a, .length = length};
  u8 *t = *room; size_t n = unescaped(x, t, d + a, length, DOUBLED);
  *room += n;
  return (struct key_cell){.text = t, .length = n};
}
/* Fill x->cells with those that end at the separators from k0 to k1, as split() does. */
static void cells_between(struct scan *x, const u8 *d, u64 k0, u64 k1, const struct found *f) {
  const int quoted = (int)f->has_quotes; u64 text = 0;
  for (u64 k = k0; k <= k1; k++) {
    size_t a, length; u32 is = locate(d, x->separators, k, (u8)x->quote, quoted, k == k1 && f->has_cr, &a, &length);
    text |= length;
    if (k - k0 < x->columns_count) x->cells[k - k0] = (struct cell){(u32)a, (u32)(a + length), is ? QUOTED | (x->has_doubled[k] ? DOUBLED : 0) : 0, 0};
  }
  x->cells_count = k1 - k0 + 1; x->has_text = text != 0;
}
/* Change the labels of the cells of a column that are too short or too long. */
static void size_column(struct scan *x, const struct column *c, u64 at, const u8 *d, u32 n, const struct found *f, int last) {
  const u32 *restrict first = x->first, *restrict separators = x->separators; const u8 *restrict doubled = x->has_doubled;
  const int quoted = (int)f->has_quotes; size_t a, length;
  for (u32 r = 0; r < n; r++) {
    u64 k = first[r] + at; locate(d, separators, k, (u8)x->quote, quoted, last, &a, &length);
    if (LIKELY(has_size(c, length) && !(quoted && doubled[k]))) continue;
    u8 *room = x->text; struct key_cell t = text_at(x, d, k, f, last, &room, 0);
    x->codes[r] = (u8)sized(c, x->codes[r], t.text, t.length);
  }
}
/* Judge the cells of a column again, by code points, that its automaton could not. */
static void recheck_column(struct scan *x, const struct column *c, u64 at, const u8 *d, u32 n, const struct found *f, int last) {
  for (u32 r = 0; r < n; r++) {
    if (x->codes[r] < ASK) continue;
    u8 *room = x->text; struct key_cell t = text_at(x, d, x->first[r] + at, f, last, &room, 0);
    x->codes[r] = (u8)label_of(x, c, t.text, t.length);
  }
}
/* Return whether all keys are single texts, and no cell of them has to be judged by the reference. */
static int are_texts(const struct scan *x, u32 n, u32 stride) {
  for (u64 i = 0; i < x->keys_count; i++) {
    const struct key *k = &x->keys[i]; const u64 at = k->parts[0].key_column;
    const u8 *codes = x->key_codes + at * stride, *to_key = x->columns[x->key_columns[at]].to_key;
    u32 unasked = k->parts_count > 1 || k->parts[0].encoding != AS_TEXT;
    for (u32 r = 0; r < n; r++) unasked |= to_key[codes[r]] == UNASKED;
    if (unasked) return 0;
  }
  return 1;
}
/* Note a key that is one text, of n records. Rows and lines: of the first record; `lines` as in judge_chunk(). */
static void note_texts(struct scan *x, struct key *key, const u8 *d, u32 n, const struct found *f, u32 stride, u64 row, u64 line, const u64 *lines) {
  const u64 column = key->parts[0].key_column, at = x->key_columns[column];
  const u8 *codes = x->key_codes + column * stride, *to_key = x->columns[at].to_key; const u32 *row_of = x->row_of;
  const int last = at + 1 == x->columns_count && f->has_cr; u64 h[4][2]; u32 rows[4]; const u8 *s[4]; size_t length[4];
  for (u32 r = 0; r < n;) {
    u32 count = 0; u8 *room = x->text;
    for (; count < 4 && r < n; r++) {
      if (to_key[codes[r]] != KNOWN) continue;
      struct key_cell cell = text_at(x, d, x->first[r] + at, f, last, &room, 0);
      s[count] = cell.text; length[count] = cell.length; rows[count++] = row_of[r];
    }
    if (count == 4 && !((length[0] ^ length[1]) >> 3 | (length[0] ^ length[2]) >> 3 | (length[0] ^ length[3]) >> 3)) digest4(x->secret, s, length, h);
    else for (u32 k = 0; k < count; k++) digest(x->secret, s[k], length[k], h[k]);
    for (u32 k = 0; k < count; k++) note_digest(key, h[k], row + rows[k], lines ? lines[rows[k]] : line + rows[k]);
  }
}
/* Judge the records from p that structure() found; return where the first record starts that is not one of them. */
static size_t judge_chunk(struct scan *x, const u8 *d, size_t p, struct found *f) {
  const u32 records = f->ends, columns = (u32)x->columns_count, wide = wide_records(x, d, p, f);
  const size_t stop = x->separators[x->ends[records - 1]] + 1;
  const u64 inner = f->inner == UNCOUNTED ? breaks(x, d, p, stop) - records : f->inner;
  const u32 stride = (u32)x->chunk + PADDING;
  u64 *lines = 0, rows = x->rows, first_event = x->events_count;
  if (inner && (x->emits || x->keys_count || f->others)) {
    u64 line = x->lines; size_t from = p;
    lines = x->line_of;
    for (u32 r = 0; r < records; r++) { size_t e = x->separators[x->ends[r]] + 1; lines[r] = line; line += breaks(x, d, from, e); from = e; }
  }
#define RECORD(r) (&(struct record){ \
    rows + (r), lines ? lines[r] : x->lines + (r), (r) ? x->separators[x->ends[(r) - 1]] + 1 : p, x->separators[x->ends[r]] + 1})
  for (u32 at = 0; at < columns && wide; at++) {
    struct column *c = &x->columns[at]; int last = at + 1 == columns && f->has_cr, quoted = (int)f->has_quotes;
    const int is_sized = c->least || c->most <= UINT32_MAX;
    if (c->kind == FREE && !(c->faults >> c->empty & 1) && c->key_column < 0 && !is_sized) continue;
    switch (c->kind) {
      case FREE: label_free(x, c, at, d, wide, quoted, last); break;
      case PLAIN: label_plain(x, c, at, d, wide, quoted, last); break;
      case SHIFTS: (prepare_pairs(c, wide, quoted) ? label_pairs : label_shifts)(x, c, at, d, wide, quoted, last); break;
      case LAYERED: label_layered(x, c, at, d, wide, quoted, last); break;
      default: label_shuffles(x, c, at, d, wide, quoted, last);
    }
    if (is_sized) size_column(x, c, at, d, wide, f, last);
    const u8 *restrict codes = x->codes;
    u8 most = 0;
    for (u32 r = 0; r < wide; r++) most = codes[r] > most ? codes[r] : most;
    if (most >= ASK) recheck_column(x, c, at, d, wide, f, last);
    if (most > MISSING || (most == MISSING && c->faults >> MISSING & 1)) {
      for (u32 r = 0; r < wide; r++) {
        u8 code = codes[r];
        int is_faulty = (int)(c->faults >> code & 1);
        if (is_faulty) mark(x, rows + x->row_of[r]);
        if (code == ASK || (is_faulty && x->emits)) {
          struct cell cell; u8 *room = x->text;
          text_at(x, d, x->first[r] + at, f, last, &room, &cell);
          emit_cell(x, RECORD(x->row_of[r]), &cell, at, code);
        } else if (is_faulty) x->counts[at * LABELS + code]++;
      }
    }
    if (c->key_column >= 0) memcpy(x->key_codes + (u64)c->key_column * stride, codes, wide);
  }
  x->table_rows += wide;
  const int has_texts = x->keys_count && are_texts(x, wide, stride);
  for (u64 i = 0; i < x->keys_count && has_texts; i++) note_texts(x, &x->keys[i], d, wide, f, stride, rows, x->lines, lines);
  for (u32 r = 0; r < wide && x->keys_count && !has_texts; r++) {
    u8 *room = x->text;
    for (u64 i = 0; i < x->key_columns_count; i++) {
      u64 at = x->key_columns[i]; int last = at + 1 == columns && f->has_cr;
      x->key_cells[i] = text_at(x, d, x->first[r] + at, f, last, &room, 0);
      x->key_cells[i].label = x->key_codes[i * stride + r];
    }
    add_keys(x, RECORD(x->row_of[r]));
  }
  for (u32 i = 0; i < f->others; i++) {
    u32 r = x->row_of[records - 1 - i]; const struct record *record = RECORD(r);
    cells_between(x, d, r ? x->ends[r - 1] + 1 : 0, x->ends[r], f);
    judge_record(x, d, record, !f->is_dirty || is_text(d + record->start, record->end - record->start));
  }
  if (x->emits && x->events_count > first_event) qsort(x->events + first_event, x->events_count - first_event, sizeof *x->events, by_row);
  x->rows += records; x->lines += records + inner;
  return stop;
}

/* ---- 11. Scanning a part of a file ------------------------------------------------------------------------------- */

/* Return whether the record at p is a comment; CUT if that is not known yet. */
static size_t is_comment(const struct scan *x, const u8 *d, size_t p, size_t n) {
  size_t length = x->comment_length, there = n - p < length ? n - p : length;
  if (!length || memcmp(d + p, x->comment, there)) return 0;
  return there < length ? CUT : 1;
}
/* Return where the record after the comment at p starts, or CUT. */
static size_t after_comment(const struct scan *x, const u8 *d, size_t p, size_t n) {
  while (p < n && x->class_of[d[p]] != BREAK) p++;
  if (p >= n) return CUT;
  if (d[p] != '\r' || x->terminator) return p + 1;
  return p + 1 >= n ? CUT : d[p + 1] == '\n' ? p + 2 : p + 1;
}
/* Split the record at p; return where the next one starts, CUT, or p if it is too large. */
static size_t end_of_record(struct scan *x, const u8 *d, size_t p, size_t n, size_t *comment) {
  *comment = is_comment(x, d, p, n);
  if (*comment) return *comment == CUT ? CUT : after_comment(x, d, p, n);
  size_t next = split(x, d, p, n);
  if (next == CUT) return CUT;
  if (next - p > x->record_bytes) {                  /* the line break does not count */
    size_t size = next - p - 1 - (!x->terminator && d[next - 1] == '\n' && d[next - 2] == '\r');
    if (size > x->record_bytes) return p;
  }
  return next;
}
/* Split and judge the record at p; return where the next one starts, CUT, or p if it is too large. */
static size_t one_record(struct scan *x, const u8 *d, size_t p, size_t n) {
  size_t comment, next = end_of_record(x, d, p, n, &comment);
  if (next == CUT || next == p) return next;
  if (!comment) judge_record(x, d, &(struct record){x->rows, x->lines, p, next}, is_text(d + p, next - p));
  x->rows++; x->lines += breaks(x, d, p, next);
  return next;
}

/* Judge the complete records from p to n. Return where the first one starts that was not judged; x->status says why. */
u64 scan(struct scan *x, const u8 *d, u64 p, u64 n) {
  /* with other properties of a dialect, each record is split by itself */
  const int is_simple = !x->escape && !x->skips_space && !x->comment_length && x->record_bytes > x->chunk;
  const u64 reserve = 3 * (x->chunk + x->columns_count) + PADDING;
  if (n > p && !x->terminator && d[n - 1] == '\r') n--;           /* may be half of a line break */
  while (p < n) {
    x->status = NEEDS_ROOM;
    if (x->events_count >= x->most_events || x->events_count + reserve > x->events_cap) return p;
    for (u64 i = 0; i < x->keys_count; i++)
      if (x->keys[i].entries_count + x->chunk + 2 > x->entries_cap || x->keys[i].stretches_count + x->chunk + 2 > x->entries_cap) return p;
    x->status = NEEDS_DATA;
    if (is_simple) {
      size_t e = n - p > x->chunk ? p + x->chunk : n;
      x->separators[-1] = (u32)p - 1;
      struct found f = structure(x, d, p, e);
      if (f.ends) p = judge_chunk(x, d, p, &f);
      if (f.has_quotes) memset(x->has_doubled, 0, (u64)f.count + 1);
      if (!f.stop && f.ends) continue;
      if (!f.stop && e == n) return p;
    }
    size_t next = one_record(x, d, p, n);
    if (next == CUT) return p;
    if (next == p) { x->status = NEEDS_REFERENCE; return p; }
    p = next;
  }
  x->status = NEEDS_DATA;
  return p;
}

/* Judge the record at p alone. Return where the next one starts, or p; x->status says why. */
u64 scan_one(struct scan *x, const u8 *d, u64 p, u64 n) {
  size_t next = one_record(x, d, p, n);
  x->status = next == p ? NEEDS_REFERENCE : NEEDS_DATA;
  return next == CUT ? p : next;
}

/* Where the records of a part of a file go: bit i of `bits` is set if the i-th record is rejected. Each of the two buffers
   has room for all of them. */
struct division { const u8 *bits; u8 *accepted, *rejected; u64 accepted_size, rejected_size; };
static void hand_out(struct division *v, const u8 *from, size_t n, u32 is_rejected) {
  if (is_rejected) { memcpy(v->rejected + v->rejected_size, from, n); v->rejected_size += n; }
  else { memcpy(v->accepted + v->accepted_size, from, n); v->accepted_size += n; }
}
/* Copy the complete records from p to n to the two buffers, and count them in x->rows. Return where the first one starts
   that was not copied; x->status says why. */
u64 divide(struct scan *x, const u8 *d, u64 p, u64 n, struct division *v) {
  const int is_simple = !x->escape && !x->skips_space && !x->comment_length && x->record_bytes > x->chunk;
  const u8 delimiter = (u8)x->delimiter;
  u64 from = p, rows = 0; u32 side = v->bits[0] & 1;      /* from: where the records start that go to the same side */
  v->accepted_size = v->rejected_size = 0;
  if (n > p && !x->terminator && d[n - 1] == '\r') n--;
  x->status = NEEDS_DATA;
#define END_RECORD(end) do { \
    p = (end); rows++; \
    u32 next_side = v->bits[rows >> 3] >> (rows & 7) & 1; \
    if (next_side != side) { hand_out(v, d + from, p - from, side); from = p; side = next_side; } \
  } while (0)
  while (p < n) {
    if (is_simple) {
      size_t e = n - p > x->chunk ? p + x->chunk : n;
      x->separators[-1] = (u32)p - 1;
      struct found f = structure(x, d, p, e);
      if (f.has_quotes) memset(x->has_doubled, 0, (u64)f.count + 1);
      for (u32 k = 0; k < f.count; k++) if (d[x->separators[k]] != delimiter) END_RECORD((u64)x->separators[k] + 1);
      if (!f.stop && f.ends) continue;
      if (!f.stop && e == n) break;
    }
    size_t comment, next = end_of_record(x, d, p, n, &comment);
    if (next == CUT) break;
    if (next == p) { x->status = NEEDS_REFERENCE; break; }
    END_RECORD(next);
  }
  hand_out(v, d + from, p - from, side);
  x->rows += rows;
  return p;
}

/* ---- 12. Keys of a file: 128 bits, a row and a line each, in a buffer and then in runs of a temporary file --------- */

#define PARTITIONS 64
#define MOST_STRETCHES 4096
/* The keys of a full buffer, by partition: those of partition p are entries[starts[p] .. starts[p + 1]). `row` and `line` are
   added to those of its keys. `before`: the offset of the run before it in the file, plus 1; 0 if it is the first one. */
struct run { u64 before, row, line, starts[PARTITIONS + 1]; struct entry entries[]; };
struct key_log {
  i64 file; u64 error;                 /* a descriptor, or -1; errno if reading or writing failed */
  u64 secret[2];
  u64 noted;                           /* the number of keys */
  u64 is_stretched, stretches_count; struct stretch *stretches;       /* [MOST_STRETCHES] */
  struct entry *buffer; u64 used, most;
  struct run *sorted; u64 is_sorted;   /* room for `most` entries, and whether it has those of the buffer */
  u64 *file_size, last_run;            /* several processes may write to the file; the offset of the last run, plus 1, or 0 */
  u64 in_runs[PARTITIONS];             /* the number of keys of each partition in the runs */
  u64 finer, first_kept, end_kept;     /* if `finer`: only keys of these partitions are kept, of PARTITIONS * finer */
};
u64 size_of_key_log(void) { return sizeof(struct key_log); }
u64 size_of_run(void) { return sizeof(struct run); }

static int write_at(struct key_log *l, const void *data, size_t n, u64 at) {
  const u8 *p = data;
  while (n && !l->error) {
    ssize_t done = pwrite((int)l->file, p, n, (off_t)at);
    if (done < 0 && errno != EINTR) l->error = (u64)errno;
    if (done > 0) { p += done; n -= (size_t)done; at += (u64)done; }
  }
  return !l->error;
}
static int read_at(struct key_log *l, void *data, size_t n, u64 at) {
  u8 *p = data;
  while (n && !l->error) {
    ssize_t done = pread((int)l->file, p, n, (off_t)at);
    if (!done || (done < 0 && errno != EINTR)) l->error = EIO;
    if (done > 0) { p += done; n -= (size_t)done; at += (u64)done; }
  }
  return !l->error;
}
static void sort_buffer(struct key_log *l) {
  struct run *r = l->sorted; u64 at[PARTITIONS] = {0}, sum = 0;
  if (l->is_sorted) return;
  for (u64 i = 0; i < l->used; i++) at[l->buffer[i].h0 & (PARTITIONS - 1)]++;
  for (u64 p = 0; p < PARTITIONS; p++) { r->starts[p] = sum; sum += at[p]; at[p] = r->starts[p]; }
  r->starts[PARTITIONS] = sum;
  for (u64 i = 0; i < l->used; i++) r->entries[at[l->buffer[i].h0 & (PARTITIONS - 1)]++] = l->buffer[i];
  l->is_sorted = 1;
}
INLINE u64 in_run(const struct run *r, u64 p) { return r->starts[p + 1] - r->starts[p]; }
/* Move the keys of the buffer to the file. */
static void write_run(struct key_log *l) {
  struct run *r = l->sorted; const size_t size = sizeof *r + l->used * sizeof *r->entries;
  if (!l->used || l->error) return;
  sort_buffer(l);
  r->before = l->last_run; r->row = r->line = 0;
  u64 at = __atomic_fetch_add(l->file_size, size, __ATOMIC_RELAXED);
  if (!write_at(l, r, size, at)) return;
  for (u64 p = 0; p < PARTITIONS; p++) l->in_runs[p] += in_run(r, p);
  l->last_run = at + 1; l->used = l->is_sorted = 0;
}
/* Return the partition of a digest, if each of the PARTITIONS is divided into `finer`. */
static u64 fine_partition(u64 h0, u64 finer) { return (h0 & (PARTITIONS - 1)) * finer + ((h0 >> 32) * finer >> 32); }
INLINE void keep(struct key_log *l, u64 h0, u64 h1, u64 row, u64 line) {
  if (UNLIKELY(l->finer) && fine_partition(h0, l->finer) - l->first_kept >= l->end_kept - l->first_kept) return;
  if (UNLIKELY(l->used == l->most)) write_run(l);
  if (UNLIKELY(l->used == l->most)) return;          /* there was an error */
  l->buffer[l->used++] = (struct entry){h0, h1, row, line}; l->is_sorted = 0;
}
static size_t decimal(u8 *t, u64 v) {
  u8 reversed[24]; size_t n = 0;
  do reversed[n++] = (u8)('0' + v % 10); while (v /= 10);
  for (size_t i = 0; i < n; i++) t[i] = reversed[n - 1 - i];
  return n;
}
static void keep_stretch(struct key_log *l, const struct stretch *s) {
  u8 t[40] = {0}; u64 h[2];
  for (u64 j = 0; j < s->count && !l->error; j++) {
    digest(l->secret, t, 1 + decimal(t + 1, s->first + j), h);
    keep(l, h[0], h[1], s->row + j, s->line + j);
  }
}
/* Keep digests from now on; turn stretches into digests. */
void keys_write_out(struct key_log *l) {
  if (!l->is_stretched) return;
  l->is_stretched = 0;
  for (u64 i = 0; i < l->stretches_count && !l->error; i++) keep_stretch(l, &l->stretches[i]);
}
/* Move what a scan noted, which started at this row and line, into the log. */
void keys_absorb(struct key_log *l, struct key *k, u64 row, u64 line) {
  if (k->entries_count) keys_write_out(l);
  for (u64 i = 0; i < k->stretches_count && !l->error; i++) {
    struct stretch s = k->stretches[i], *last = l->stretches_count ? &l->stretches[l->stretches_count - 1] : 0;
    s.row += row; s.line += line; l->noted += s.count;
    if (!l->is_stretched) { keep_stretch(l, &s); continue; }
    if (last && s.first == last->first + last->count && s.row == last->row + last->count && s.line == last->line + last->count) last->count += s.count;
    else if (l->stretches_count < MOST_STRETCHES) l->stretches[l->stretches_count++] = s;
    else { keys_write_out(l); keep_stretch(l, &s); }
  }
  for (u64 i = 0; i < k->entries_count && !l->error; i++) {
    const struct entry *e = &k->entries[i];
    keep(l, e->h0, e->h1, e->row + row, e->line + line);
  }
  l->noted += k->entries_count;
  k->entries_count = k->stretches_count = 0;
}
/* Add one key from Python: a whole number below 10^18, or a digest. */
void keys_add_number(struct key_log *l, u64 number, u64 row, u64 line) {
  struct stretch s = {number, row, line, 1}; struct key k = {0};
  k.stretches = &s; k.stretches_count = 1;
  keys_absorb(l, &k, 0, 0);
}
void keys_add_digest(struct key_log *l, const u64 *h, u64 row, u64 line) {
  keys_write_out(l);
  l->noted++;
  if (!l->error) keep(l, h[0], h[1], row, line);
}
static int by_first(const void *a, const void *b) {
  u64 x = ((const struct stretch *)a)->first, y = ((const struct stretch *)b)->first;
  return x < y ? -1 : x > y;
}
/* Return whether all keys are numbers, and different. */
int keys_are_apart(struct key_log *l) {
  if (!l->is_stretched) return 0;
  qsort(l->stretches, l->stretches_count, sizeof(struct stretch), by_first);
  for (u64 i = 1; i < l->stretches_count; i++)
    if (l->stretches[i - 1].first + l->stretches[i - 1].count > l->stretches[i].first) return 0;
  return 1;
}
/* Write the keys that are not in stretches to the file; return the offset of the last run, plus 1, or 0 without runs. Another
   process, whose log has the same secret and the same file, may absorb them. */
u64 keys_hand_over(struct key_log *l) { write_run(l); return l->last_run; }
/* Add a run and those before it, which another process has written. Their rows and lines count from these. */
void keys_absorb_runs(struct key_log *l, u64 last, u64 row, u64 line) {
  struct run r;
  keys_write_out(l);
  for (u64 at = last, before; at && read_at(l, &r, sizeof r, at - 1); at = before) {
    before = r.before;
    r.before = before ? before : l->last_run; r.row = row; r.line = line;
    if (!write_at(l, &r, offsetof(struct run, starts), at - 1)) return;
    for (u64 p = 0; p < PARTITIONS; p++) l->in_runs[p] += in_run(&r, p);
    l->noted += r.starts[PARTITIONS];
  }
  if (last) l->last_run = last;
}
static u64 count_of(struct key_log *l, u64 p) { sort_buffer(l); return l->in_runs[p] + in_run(l->sorted, p); }
#define SOME 2048                      /* how many entries are read at once */
/* The entries of a partition, some at a time. */
struct stream { struct key_log *l; u64 p, next_run, left, from; int is_at_end; struct run run; struct entry some[SOME]; };
static void begin(struct stream *s, struct key_log *l, u64 p) {
  sort_buffer(l);
  s->l = l; s->p = p; s->next_run = l->last_run; s->left = 0; s->is_at_end = 0;
}
/* Return how many entries are next, and where they are; 0 if there are no more, or after an error. */
static u64 next_of(struct stream *s, const struct entry **found) {
  while (!s->left && s->next_run) {
    if (!read_at(s->l, &s->run, sizeof s->run, s->next_run - 1)) return 0;
    s->left = in_run(&s->run, s->p);
    s->from = s->next_run - 1 + sizeof s->run + s->run.starts[s->p] * sizeof *s->some;
    s->next_run = s->run.before;
  }
  if (s->left) {
    u64 n = s->left < SOME ? s->left : SOME;
    if (!read_at(s->l, s->some, n * sizeof *s->some, s->from)) return 0;
    for (u64 i = 0; i < n; i++) { s->some[i].row += s->run.row; s->some[i].line += s->run.line; }
    s->left -= n; s->from += n * sizeof *s->some; *found = s->some;
    return n;
  }
  if (s->is_at_end) return 0;
  s->is_at_end = 1; *found = s->l->sorted->entries + s->l->sorted->starts[s->p];
  return in_run(s->l->sorted, s->p);
}
/* Copy the entries of a partition to `to`, which has room for them, and return their number; with 0 only return it. */
u64 keys_entries(struct key_log *l, u64 p, struct entry *to) {
  struct stream s; const struct entry *found; u64 n, m = 0;
  if (!to) return count_of(l, p);
  for (begin(&s, l, p); (n = next_of(&s, &found)); m += n) memcpy(to + m, found, n * sizeof *to);
  return m;
}
/* Copy those of n entries that are of a fine partition to `to`, which has room for them, and return their number. */
u64 entries_of(const struct entry *from, u64 n, u64 finer, u64 partition, struct entry *to) {
  u64 m = 0;
  for (u64 i = 0; i < n; i++) if (fine_partition(from[i].h0, finer) == partition) to[m++] = from[i];
  return m;
}
/* The first rows with a faulty key, as a heap whose top is the last of them. `marks`: a bit for each row of the file, set
   if its key is faulty; `rejected`: the rows that keys_dangling leaves out. Either may be 0. Only each `shares`-th partition
   is compared, from `share` on: other processes compare the others, and set bits of the same memory. */
struct first_rows { u64 count, most, share, shares; u64 (*at)[2]; u8 *marks; const u8 *rejected; };
static int is_rejected(const struct first_rows *h, u64 row) { return h->rejected && h->rejected[row >> 3] >> (row & 7) & 1; }
static void offer(struct first_rows *h, u64 row, u64 line) {
  u64 i;
  if (h->marks) __atomic_fetch_or(&h->marks[row >> 3], (u8)(1 << (row & 7)), __ATOMIC_RELAXED);
  if (!h->most) return;
  if (h->count < h->most) {
    for (i = h->count++; i && h->at[(i - 1) / 2][0] < row; i = (i - 1) / 2) { h->at[i][0] = h->at[(i - 1) / 2][0]; h->at[i][1] = h->at[(i - 1) / 2][1]; }
  } else {
    if (row >= h->at[0][0]) return;
    for (i = 0;;) {
      u64 child = 2 * i + 1;
      if (child >= h->count) break;
      if (child + 1 < h->count && h->at[child + 1][0] > h->at[child][0]) child++;
      if (h->at[child][0] <= row) break;
      h->at[i][0] = h->at[child][0]; h->at[i][1] = h->at[child][1]; i = child;
    }
  }
  h->at[i][0] = row; h->at[i][1] = line;
}
#ifndef COMPARED
#define COMPARED 262144                /* how many different keys are compared at once */
#endif
#define ALL_DIGESTS (1ull << 32)       /* the upper halves of h0 are below this */
/* Different keys whose digests are in a range, each with the first row that has it. */
struct compared { struct entry *of; u32 *slots; u64 size, count, most, first, end; };
static int make_room(struct compared *c, struct key_log *l) {
  for (u64 p = 0; p < PARTITIONS; p++) if (count_of(l, p) > c->most) c->most = count_of(l, p);
  if (c->most > COMPARED) c->most = COMPARED;
  for (c->size = 16; c->size < 2 * c->most;) c->size *= 2;
  c->of = malloc((c->most + 1) * sizeof *c->of); c->slots = malloc(c->size * sizeof *c->slots);
  if (!c->of || !c->slots) l->error = ENOMEM;
  return !l->error;
}
#define AHEAD 16                       /* how many keys before its turn a slot is fetched */
INLINE u64 first_slot(const struct compared *c, u64 h0) { return (h0 >> 6) & (c->size - 1); }
INLINE u64 slot_of(const struct compared *c, u64 h0, u64 h1) {
  u64 at = first_slot(c, h0); u32 j;
  while ((j = c->slots[at]) && !(c->of[j - 1].h0 == h0 && c->of[j - 1].h1 == h1)) at = (at + 1) & (c->size - 1);
  return at;
}
INLINE int is_in_range(const struct compared *c, u64 h0) { return (h0 >> 32) - c->first < c->end - c->first; }
/* Halve the range, and forget the keys that are no longer in it. */
static void narrow(struct compared *c) {
  u64 n = 0;
  c->end = c->first + (c->end - c->first) / 2;
  memset(c->slots, 0, c->size * sizeof *c->slots);
  for (u64 i = 0; i < c->count; i++) if (is_in_range(c, c->of[i].h0)) {
    c->of[n] = c->of[i];
    c->slots[slot_of(c, c->of[n].h0, c->of[n].h1)] = (u32)n + 1;
    n++;
  }
  c->count = n;
}
/* Begin with the range behind the last one, of its size, or of twice that if there is room. */
static void next_range(struct compared *c) {
  u64 size = c->end - c->first;
  if (c->count < c->most / 2) size *= 2;
  c->first = c->end < ALL_DIGESTS ? c->end : 0;
  c->end = ALL_DIGESTS - c->first < size ? ALL_DIGESTS : c->first + size;
}
/* Fill the table with the keys of a partition in the range, which is narrowed until they fit, but not with those of rejected
   rows. Return whether two rows have the same key. */
static int fill(struct compared *c, struct key_log *l, u64 p, const struct first_rows *rows) {
  struct stream s; const struct entry *e; u64 n; int is_repeated = 0;
  c->count = 0; memset(c->slots, 0, c->size * sizeof *c->slots);
  for (begin(&s, l, p); (n = next_of(&s, &e));) for (u64 i = 0; i < n; i++) {
    if (i + AHEAD < n) __builtin_prefetch(&c->slots[first_slot(c, e[i + AHEAD].h0)], 1);
    if (!is_in_range(c, e[i].h0) || is_rejected(rows, e[i].row)) continue;
    u64 at = slot_of(c, e[i].h0, e[i].h1); u32 j = c->slots[at];
    if (j) {
      is_repeated = 1;
      if (c->of[j - 1].row > e[i].row) c->of[j - 1] = e[i];   /* entries are not in the order of rows */
      continue;
    }
    if (UNLIKELY(c->count == c->most)) {
      while (c->count == c->most && c->end - c->first > 1) narrow(c);
      if (!is_in_range(c, e[i].h0)) continue;
      if (c->count == c->most) { l->error = ENOMEM; return 0; }   /* too many digests have the same 32 bits */
      at = slot_of(c, e[i].h0, e[i].h1);
    }
    c->of[c->count++] = e[i]; c->slots[at] = (u32)c->count;
  }
  return is_repeated;
}
/* Return the number of rows whose key an earlier row has, and the first of these in *rows. May set l->error. */
u64 keys_repeated(struct key_log *l, struct first_rows *rows) {
  struct compared c = {.end = ALL_DIGESTS}; struct stream s; const struct entry *e; u64 n, total = 0;
  keys_write_out(l);
  if (make_room(&c, l)) for (u64 p = rows->share; p < PARTITIONS && !l->error; p += rows->shares) do {
    if (fill(&c, l, p, rows)) for (begin(&s, l, p); (n = next_of(&s, &e));) for (u64 i = 0; i < n; i++) {
      if (i + AHEAD < n) __builtin_prefetch(&c.slots[first_slot(&c, e[i + AHEAD].h0)]);
      if (!is_in_range(&c, e[i].h0) || c.of[c.slots[slot_of(&c, e[i].h0, e[i].h1)] - 1].row == e[i].row) continue;
      total++;
      offer(rows, e[i].row, e[i].line);
    }
    next_range(&c);
  } while (c.first && !l->error);
  free(c.of); free(c.slots);
  return total;
}
/* Return the number of rows of l whose key `referred` does not have, and the first of these in *rows. Rejected rows neither
   count nor are referred to. May set an error in either log. */
u64 keys_dangling(struct key_log *l, struct key_log *referred, struct first_rows *rows) {
  struct compared c = {.end = ALL_DIGESTS}; struct stream s; const struct entry *e; u64 n, total = 0;
  keys_write_out(l); keys_write_out(referred);
  if (make_room(&c, referred)) for (u64 p = rows->share; p < PARTITIONS && !l->error && !referred->error; p += rows->shares) do {
    fill(&c, referred, p, rows);
    for (begin(&s, l, p); (n = next_of(&s, &e));) for (u64 i = 0; i < n; i++) {
      if (i + AHEAD < n) __builtin_prefetch(&c.slots[first_slot(&c, e[i + AHEAD].h0)]);
      if (!is_in_range(&c, e[i].h0) || c.slots[slot_of(&c, e[i].h0, e[i].h1)] || is_rejected(rows, e[i].row)) continue;
      total++;
      offer(rows, e[i].row, e[i].line);
    }
    next_range(&c);
  } while (c.first && !l->error && !referred->error);
  if (referred->error) l->error = referred->error;     /* a fork returns this log's error alone */
  free(c.of); free(c.slots);
  return total;
}

/* ---- 13. JSON: its grammar by RFC 8259, and whether a value fits a shape ----------------------------------------- */

/* A text is read twice: json_of() decides whether it is JSON, then fits() walks through it, which may rely on that. Nothing
   is built. What depends on repeated names or on long escaped texts is UNCLEAR: the reference decides. */
#define DEEPEST 60                     /* the reference allows 100 levels */
#define LONGEST_EXPONENT 6             /* digits; the reference refuses very large ones */
INLINE int is_digit(const u8 *s, size_t i, size_t n) { return i < n && s[i] >= '0' && s[i] <= '9'; }
INLINE size_t after_space(const u8 *s, size_t i, size_t n) {
  while (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n')) i++;
  return i;
}
/* Return the end of the string whose first character is at i; 0 if it has none. Up to 7 bytes behind n are read. */
INLINE size_t after_string(const u8 *s, size_t i, size_t n) {
  const u64 each = 0x0101010101010101u;
  while (i < n) {
    u64 word = load8(s + i), quotes = word ^ each * '"', escapes = word ^ each * '\\';
    u64 stops = ((quotes - each) & ~quotes) | ((escapes - each) & ~escapes) | ((word - each * 0x20) & ~word);
    stops &= each * 0x80;
    if (!stops) { i += 8; continue; }
    i += (size_t)__builtin_ctzll(stops) >> 3;    /* those behind the first may be wrong */
    if (i >= n) return 0;
    if (s[i] == '"') return i + 1;
    if (s[i] != '\\' || ++i >= n) return 0;
    if (s[i] == 'u') {
      if (n - i < 5) return 0;
      for (size_t k = i + 1; k < i + 5; k++) if (!(is_digit(s, k, n) || ((s[k] | 32) >= 'a' && (s[k] | 32) <= 'f'))) return 0;
      i += 5;
    } else if (s[i] && strchr("\"\\/bfnrt", s[i])) i++;
    else return 0;
  }
  return 0;
}
/* Return the end of the number at i; 0 if there is none, n + 1 if only the reference can read it. */
INLINE size_t after_number(const u8 *s, size_t i, size_t n) {
  if (s[i] == '-') i++;
  if (!is_digit(s, i, n)) return 0;
  if (s[i] == '0') i++; else while (is_digit(s, i, n)) i++;
  if (i < n && s[i] == '.') {
    if (!is_digit(s, ++i, n)) return 0;
    while (is_digit(s, i, n)) i++;
  }
  if (i < n && (s[i] | 32) == 'e') {
    i++;
    if (i < n && (s[i] == '+' || s[i] == '-')) i++;
    size_t from = i;
    while (is_digit(s, i, n)) i++;
    if (i == from) return 0;
    if (i - from > LONGEST_EXPONENT) return n + 1;
  }
  return i;
}
INLINE size_t after_word(const u8 *s, size_t i, size_t n, const char *word, size_t size) {
  return n - i >= size && !memcmp(s + i, word, size) ? i + size : 0;
}
/* Return what a text is, which is valid UTF-8, and count the items or members of its outermost container. */
static u32 json_of(const u8 *s, size_t n, u64 *count) {
  u64 open = 0, depth = 0, commas = 0, has_parts = 0; u32 found = IS_OTHER; size_t i = after_space(s, 0, n);
  if (i < n) found = s[i] == '{' ? IS_OBJECT : s[i] == '[' ? IS_ARRAY : IS_OTHER;
  for (;;) {                           /* a value starts at i */
    if (i >= n) return IS_NONE;
    switch (s[i]) {
      case '{': case '[':
        if (depth == DEEPEST) return IS_UNCLEAR;
        open = open << 1 | (s[i] == '{'); depth++;
        i = after_space(s, i + 1, n);
        if (i < n && s[i] == (open & 1 ? '}' : ']')) { i++; open >>= 1; depth--; break; }
        has_parts = 1;
        if (open & 1) goto name;
        continue;
      case '"': i = after_string(s, i + 1, n); break;
      case 't': i = after_word(s, i, n, "true", 4); break;
      case 'f': i = after_word(s, i, n, "false", 5); break;
      case 'n': i = after_word(s, i, n, "null", 4); break;
      default: i = after_number(s, i, n);
    }
    if (!i) return IS_NONE;
    if (i > n) return IS_UNCLEAR;
    for (;;) {                         /* a value ended before i */
      i = after_space(s, i, n);
      if (!depth) { *count = commas + has_parts; return i == n ? found : IS_NONE; }
      if (i >= n) return IS_NONE;
      if (s[i] != (open & 1 ? '}' : ']')) break;
      i++; open >>= 1; depth--;
    }
    if (s[i] != ',') return IS_NONE;
    commas += depth == 1;
    i = after_space(s, i + 1, n);
    if (!(open & 1)) continue;
  name:
    if (i >= n || s[i] != '"' || !(i = after_string(s, i + 1, n))) return IS_NONE;
    i = after_space(s, i, n);
    if (i >= n || s[i] != ':') return IS_NONE;
    i = after_space(s, i + 1, n);
  }
}

/* Return the end of the container around i, `levels` containers out. A container inside it may start at i. */
static size_t after_levels(const u8 *s, size_t i, size_t n, u64 levels) {
  while (levels && i < n) {
    u8 byte = s[i++];
    if (byte == '"') i = after_string(s, i, n);
    else if (byte == '{' || byte == '[') levels++;
    else if (byte == '}' || byte == ']') levels--;
  }
  return i;
}
static size_t after_value(const u8 *s, size_t i, size_t n) {
  if (s[i] == '"') return after_string(s, i + 1, n);
  if (s[i] == '{' || s[i] == '[') return after_levels(s, i + 1, n, 1);
  while (i < n && s[i] != ',' && s[i] != '}' && s[i] != ']' && s[i] > ' ') i++;
  return i;
}
/* A member of an object; its name is without quotes. */
struct member { size_t name, length, value; };
/* Read the name of the member that starts at i. */
static struct member member_at(const u8 *s, size_t i, size_t n) {
  size_t end = after_string(s, i + 1, n);
  return (struct member){i + 1, end - i - 2, after_space(s, after_space(s, end, n) + 1, n)};
}
INLINE int is_same(const u8 *a, size_t n, const u8 *b, size_t m) { return n == m && !memcmp(a, b, n); }
INLINE int is_escaped(const u8 *s, size_t n) { return memchr(s, '\\', n) != 0; }

enum { FITS, MISFITS, UNCLEAR };
#define LONGEST_ESCAPED 1024           /* bytes of a text with escapes that is compared with others */
static u32 hex4(const u8 *s) {
  u32 v = 0;
  for (int k = 0; k < 4; k++) v = v << 4 | (u32)(s[k] <= '9' ? s[k] - '0' : (s[k] | 32) - 'a' + 10);
  return v;
}
/* Return the code point of the escape at i, and its end; half of a surrogate pair stands alone unless the other half follows. */
static u32 escaped_point(const u8 *s, size_t i, size_t n, size_t *end) {
  const char *found;
  *end = i + 2;
  if (s[i + 1] != 'u') return (found = strchr("b\bf\fn\nr\rt\t", s[i + 1])) ? (u32)found[1] : s[i + 1];
  u32 point = hex4(s + i + 2);
  *end = i + 6;
  if (point >> 10 == 0xD800 >> 10 && n - *end >= 6 && s[i + 6] == '\\' && s[i + 7] == 'u' && hex4(s + i + 8) >> 10 == 0xDC00 >> 10) {
    *end = i + 12;
    return 0x10000 + ((point & 0x3FF) << 10) + (hex4(s + i + 8) & 0x3FF);
  }
  return point;
}
/* Write the text of a string with escapes to t, which has room for n bytes. Return its length; SIZE_MAX if half of a surrogate
   pair stands alone in it. */
static size_t text_of(const u8 *s, size_t n, u8 *t) {
  size_t m = 0;
  for (size_t i = 0; i < n;) {
    if (s[i] != '\\') { t[m++] = s[i++]; continue; }
    u32 p = escaped_point(s, i, n, &i);
    if (p >> 11 == 0xD800 >> 11) return SIZE_MAX;
    if (p < 0x80) t[m++] = (u8)p;
    else if (p < 0x800) { t[m++] = (u8)(0xC0 | p >> 6); t[m++] = (u8)(0x80 | (p & 63)); }
    else if (p < 0x10000) { t[m++] = (u8)(0xE0 | p >> 12); t[m++] = (u8)(0x80 | (p >> 6 & 63)); t[m++] = (u8)(0x80 | (p & 63)); }
    else { t[m++] = (u8)(0xF0 | p >> 18); t[m++] = (u8)(0x80 | (p >> 12 & 63)); t[m++] = (u8)(0x80 | (p >> 6 & 63)); t[m++] = (u8)(0x80 | (p & 63)); }
  }
  return m;
}
/* Replace a string by its text, which may be in `room` then. Return whether that was possible. */
INLINE int unescape_string(const u8 **s, size_t *n, u8 *room) {
  if (!is_escaped(*s, *n)) return 1;
  if (*n > LONGEST_ESCAPED) return 0;
  *n = text_of(*s, *n, room); *s = room;
  return *n != SIZE_MAX;
}
static u64 length_of(const u8 *s, size_t n) {
  if (!is_escaped(s, n)) return code_points(s, n);
  u64 m = 0;
  for (size_t i = 0; i < n; m++) {
    if (s[i] == '\\') escaped_point(s, i, n, &i);
    else for (i++; i < n && (s[i] & 0xC0) == 0x80;) i++;
  }
  return m;
}
static const struct name *named(const struct name *names, u64 count, const u8 *s, size_t n) {
  u64 low = 0, high = count;
  while (low < high) {
    u64 middle = (low + high) / 2; const struct name *at = &names[middle];
    int order = at->length != n ? (at->length < n ? -1 : 1) : memcmp(at->text, s, n);
    if (!order) return at;
    if (order < 0) low = middle + 1; else high = middle;
  }
  return 0;
}
static u32 string_fits(const struct shape *of, const u8 *s, size_t n) {
  if (of->least_length || of->most_length != UINT64_MAX) {
    u64 length = length_of(s, n);
    if (length < of->least_length || length > of->most_length) return MISFITS;
  }
  if (!of->has_texts && !of->pattern) return FITS;
  u8 room[LONGEST_ESCAPED];
  if (!unescape_string(&s, &n, room)) return UNCLEAR;
  if (of->has_texts && !named(of->texts, of->texts_count, s, n)) return MISFITS;
  return !of->pattern || judge(of->pattern, s, n) == VALUE ? FITS : MISFITS;
}

/* A number: its sign, its digits without zeros at the ends, in two pieces, and how many of them are before the point: less
   than 0 if zeros follow it, more than `count` if zeros precede it. `unit`: the power of ten of the last digit that is written. */
struct decimal { const u8 *whole, *fraction; size_t wholes, count; i64 point, unit; int sign; };
static struct decimal decimal_of(const u8 *s, size_t n) {
  struct decimal v = {s, s, 0, 0, 0, 0, 1};
  size_t fractions = 0;
  if (n && *s == '-') { v.sign = -1; s++; n--; }
  while (n && *s == '0') { s++; n--; }
  for (v.whole = s; is_digit(s, 0, n); s++, n--) v.wholes++;
  v.point = (i64)v.wholes;
  if (n && *s == '.') {
    s++; n--;
    if (!v.wholes) while (n && *s == '0') { s++; n--; v.point--; }
    for (v.fraction = s; is_digit(s, 0, n); s++, n--) fractions++;
    v.unit = (v.wholes ? 0 : v.point) - (i64)fractions;
    while (fractions && v.fraction[fractions - 1] == '0') fractions--;
  }
  if (!fractions) while (v.wholes && v.whole[v.wholes - 1] == '0') v.wholes--;
  v.count = v.wholes + fractions;
  if (n) {                             /* an exponent of at most LONGEST_EXPONENT digits */
    i64 exponent = 0; const int is_negative = s[1] == '-';
    for (size_t i = 1 + (is_negative || s[1] == '+'); i < n; i++) exponent = exponent * 10 + (s[i] - '0');
    if (is_negative) exponent = -exponent;
    v.point += exponent; v.unit += exponent;
  }
  if (!v.count) v.point = v.sign = 0;
  return v;
}
INLINE u8 digit_at(const struct decimal *v, size_t k) { return k < v->wholes ? v->whole[k] : v->fraction[k - v->wholes]; }
/* Return a number below, equal to or above 0, as a is below, equal to or above b. */
static int order_of(struct decimal a, struct decimal b) {
  if (a.sign != b.sign) return a.sign - b.sign;
  if (a.point != b.point) return a.point < b.point ? -a.sign : a.sign;
  for (size_t k = 0; k < a.count && k < b.count; k++) {
    u8 one = digit_at(&a, k), other = digit_at(&b, k);
    if (one != other) return one < other ? -a.sign : a.sign;
  }
  return a.count == b.count ? 0 : a.count < b.count ? -a.sign : a.sign;
}
INLINE int is_whole(const struct decimal *v) { return v->point >= (i64)v->count; }
#define MOST_DIGITS 18                 /* of numbers that are divided */
static u32 is_multiple(struct decimal v, u64 step, u64 decimals) {
  const i64 digits = v.point + (i64)decimals; u64 number = 0;
  if (!v.sign) return FITS;
  if (digits < (i64)v.count) return MISFITS;     /* no multiple of the step has that many decimals */
  if (digits > MOST_DIGITS) return UNCLEAR;
  for (size_t k = 0; k < (size_t)digits; k++) number = number * 10 + (k < v.count ? (u64)(digit_at(&v, k) - '0') : 0);
  return number % step ? MISFITS : FITS;
}
static u32 number_fits(const struct shape *of, const u8 *s, size_t n) {
  const int is_any = (of->kinds & NUMBER) != 0;
  if (is_any && !of->lower.text && !of->upper.text && !of->step && !of->has_numbers) return FITS;
  struct decimal v = decimal_of(s, n);
  if (!is_any && (of->is_written ? v.unit != 0 : !is_whole(&v))) return MISFITS;
  if (of->lower.text && order_of(v, decimal_of(of->lower.text, of->lower.length)) < (int)of->lower.is_exclusive) return MISFITS;
  if (of->upper.text && order_of(v, decimal_of(of->upper.text, of->upper.length)) > -(int)of->upper.is_exclusive) return MISFITS;
  if (of->has_numbers) {
    u64 k = 0;
    while (k < of->numbers_count && order_of(v, decimal_of(of->numbers[k].text, of->numbers[k].length))) k++;
    if (k == of->numbers_count) return MISFITS;
  }
  return of->step ? is_multiple(v, of->step, of->step_decimals) : FITS;
}

/* How many bytes of a text of n bytes may be read again. */
#define MOST_AGAIN(n) (4096 + 16 * (n))
#define MOST_DISTINCT 96
/* Digests of names or items that are different. */
struct distinct { u64 of[2 * MOST_DISTINCT][2]; size_t count; };
/* Add the digest of a text, behind which up to 7 bytes are read. */
static void add_distinct(struct distinct *seen, const u64 *secret, const u8 *s, size_t n) {
  u64 h[2];
  digest(secret, s, n, h);
  size_t slot = h[0] % (2 * MOST_DISTINCT);
  for (; seen->of[slot][0] || seen->of[slot][1]; slot = (slot + 1) % (2 * MOST_DISTINCT))
    if (seen->of[slot][0] == h[0] && seen->of[slot][1] == h[1]) return;
  seen->of[slot][0] = h[0]; seen->of[slot][1] = h[1]; seen->count++;
}
/* Return how many members of the object at i have different names, up to `most`; SIZE_MAX if that is not clear. */
static size_t distinct_members(const u64 *secret, const u8 *s, size_t i, size_t n, size_t most) {
  struct distinct seen;
  if (most > MOST_DISTINCT) return SIZE_MAX;
  memset(&seen, 0, sizeof seen);
  for (i = after_space(s, i + 1, n); s[i] != '}' && seen.count < most; i = after_space(s, i + (s[i] == ','), n)) {
    struct member m = member_at(s, i, n);
    if (is_escaped(s + m.name, m.length)) return SIZE_MAX;
    add_distinct(&seen, secret, s + m.name, m.length);
    i = after_space(s, after_value(s, m.value, n), n);
  }
  return seen.count;
}
/* Return whether the items of the array at i are different. Equal numbers may be written in several ways. */
static u32 items_differ(const u64 *secret, const u8 *s, size_t i, size_t n, u64 count) {
  const u64 of_others[2] = {~secret[0], secret[1]};  /* a string is equal to nothing else */
  struct distinct seen; u8 room[LONGEST_ESCAPED + 8];
  if (count > MOST_DISTINCT) return UNCLEAR;
  memset(&seen, 0, sizeof seen);
  memset(room, 0, sizeof room);
  for (i = after_space(s, i + 1, n); s[i] != ']'; i = after_space(s, i + (s[i] == ','), n)) {
    const u8 *text = s + i; const size_t end = after_value(s, i, n); size_t length = end - i;
    if (*text == '{' || *text == '[') return UNCLEAR;
    if (*text == '"') {
      text++; length -= 2;
      if (!unescape_string(&text, &length, room)) return UNCLEAR;
    } else if (*text == '-' || (*text >= '0' && *text <= '9')) {
      const struct decimal v = decimal_of(text, length);
      if (v.count > LONGEST_ESCAPED - 16) return UNCLEAR;
      memcpy(room, &v.point, 8);
      room[8] = (u8)(v.sign + 1);
      for (size_t k = 0; k < v.count; k++) room[9 + k] = digit_at(&v, k);
      text = room; length = 9 + v.count;
    }
    add_distinct(&seen, s[i] == '"' ? secret : of_others, text, length);
    i = after_space(s, end, n);
  }
  return seen.count == count ? FITS : MISFITS;
}
/* Return whether the number of different members of the object at i is within limits, given that it has `count` members. */
static u32 members_fit(const u64 *secret, const u8 *s, size_t i, size_t n, u64 count, u64 least, u64 most, u32 *broken) {
  *broken = 0;
  if (count < least) *broken |= TOO_FEW;
  const int may_be_few = !*broken && least > 1, may_be_many = count > most;
  if (may_be_few || may_be_many) {
    u64 wanted = may_be_many ? most + 1 : 0;
    if (may_be_few && least > wanted) wanted = least;
    size_t found = distinct_members(secret, s, i, n, wanted);
    if (found == SIZE_MAX) return UNCLEAR;
    if (may_be_few && found < least) *broken |= TOO_FEW;
    if (may_be_many && found > most) *broken |= TOO_MANY;
  }
  return *broken ? MISFITS : FITS;
}
/* Return whether two arrays of numbers are equal. */
static int is_equal(const u8 *s, size_t a, size_t b, size_t n) {
  for (;;) {
    a = after_space(s, a + 1, n); b = after_space(s, b + 1, n);    /* behind a bracket or a comma */
    size_t c = after_value(s, a, n), e = after_value(s, b, n);
    if (!is_same(s + a, c - a, s + b, e - b) && order_of(decimal_of(s + a, c - a), decimal_of(s + b, e - b))) return 0;
    a = after_space(s, c, n); b = after_space(s, e, n);
    if (s[a] != s[b]) return 0;
    if (s[a] == ']') return 1;
  }
}

/* A digest of JSON depends on its value alone: numbers that are equal, strings with and without escapes, and members in any
   order have the same. digests.py makes it, too. Each kind has a secret of its own. */
enum { OF_STRING = 1, OF_NUMBER, OF_WORD, OF_ARRAY, OF_OBJECT, OF_MEMBER, OF_OTHER, OF_DATE, OF_MOMENT, OF_TIME };
static void digest_as(const u64 *secret, u64 kind, const u8 *s, size_t n, u64 *h) {
  const u64 own[2] = {secret[0] ^ kind, secret[1]};
  digest(own, s, n, h);
}
static void digest_both(const u64 *secret, u64 kind, const u64 *a, const u64 *b, u64 *h) {
  const u64 two[4] = {a[0], a[1], b[0], b[1]};
  digest_as(secret, kind, (const u8 *)two, sizeof two, h);
}
#define LONGEST_NUMBER 1000            /* digits */
/* Write the digest of a number, for which `room` has LONGEST_NUMBER + 32 bytes; return 0 if it has too many digits. */
static int number_digest(const u64 *secret, const struct decimal *v, u8 *room, u64 *h) {
  if (v->count > LONGEST_NUMBER) return 0;
  memcpy(room, &v->point, 8);
  room[8] = (u8)(v->sign + 1);
  for (size_t k = 0; k < v->count; k++) room[9 + k] = digit_at(v, k);
  digest_as(secret, OF_NUMBER, room, 9 + v->count, h);
  return 1;
}
/* Write the digest of the JSON of a container to h. Return whether that was possible: not with names that are repeated or have
   escapes, nor with more than MOST_DISTINCT members. */
static int json_digest(const u64 *secret, const u8 *s, size_t n, u64 *h) {
  struct { u64 h[2], name[2], count; size_t at; } frames[DEEPEST + 1], *top = frames;  /* frames[0] is not used */
  u64 parts, again = 0, v[2]; u8 room[LONGEST_ESCAPED + LONGEST_NUMBER + 32] = {0}; size_t i = after_space(s, 0, n), end;
  const u32 found = json_of(s, n, &parts); struct member m;
  if (found != IS_OBJECT && found != IS_ARRAY) return 0;
  for (;;) {                           /* a value starts at i */
    if (s[i] == '{' || s[i] == '[') {
      top++;
      top->at = i; top->count = top->h[0] = top->h[1] = 0;
      i = after_space(s, i + 1, n);
      if (s[i] == '}' || s[i] == ']') goto container_ended;
      if (s[top->at] == '{') goto name;
      continue;
    }
    end = after_value(s, i, n);
    if (s[i] == '"') {
      const u8 *text = s + i + 1; size_t length = end - i - 2;
      if (!unescape_string(&text, &length, room)) return 0;
      digest_as(secret, OF_STRING, text, length, v);
    } else if (s[i] == '-' || (s[i] >= '0' && s[i] <= '9')) {
      const struct decimal number = decimal_of(s + i, end - i);
      if (!number_digest(secret, &number, room, v)) return 0;
    } else digest_as(secret, OF_WORD, s + i, end - i, v);
    i = end;
  value_ended:                         /* a value with the digest v ended before i */
    if (top == frames) { h[0] = v[0]; h[1] = v[1]; return 1; }
    top->count++;
    if (s[top->at] == '[') digest_both(secret, OF_ARRAY, top->h, v, top->h);
    else {                             /* the sum does not depend on the order */
      digest_both(secret, OF_MEMBER, top->name, v, v);
      top->h[0] += v[0]; top->h[1] += v[1] + (top->h[0] < v[0]);
    }
    i = after_space(s, i, n);
    if (s[i] == ',') {
      i = after_space(s, i + 1, n);
      if (s[top->at] == '[') continue;
    name:
      m = member_at(s, i, n);
      digest_as(secret, OF_STRING, s + m.name, m.length, top->name);
      if (is_escaped(s + m.name, m.length)) return 0;
      i = m.value;
      continue;
    }
  container_ended:
    if (s[i] == '}' && top->count > 1) {
      again += i - top->at;
      if (again > MOST_AGAIN(n) || distinct_members(secret, s, top->at, n, top->count) != top->count) return 0;
    }
    v[0] = top->count; v[1] = 0;
    digest_both(secret, s[i] == '}' ? OF_OBJECT : OF_ARRAY, top->h, v, v);
    top--; i++;
    goto value_ended;
  }
}
/* Write the digest of a number in its usual form; a whole number has that of its digits after a NUL, as integer() writes it. */
static int number_key(const u64 *secret, const u8 *s, size_t n, struct key_cell *to) {
  u8 room[LONGEST_NUMBER + 32] = {0}; size_t i = 0, m = 1, digits = 0;
  if (n && *s == '+') { s++; n--; } else if (n && *s == '-') i++;
  for (; is_digit(s, i, n); i++) digits++;
  if (i < n && s[i] == '.') for (i++; is_digit(s, i, n); i++) digits++;
  if (digits && i < n && (s[i] | 32) == 'e') {
    i++;
    if (i < n && (s[i] == '+' || s[i] == '-')) i++;
    const size_t from = i;
    while (is_digit(s, i, n)) i++;
    if (i == from || i - from > LONGEST_EXPONENT) return 0;
  }
  if (!digits || i < n) return 0;
  const struct decimal v = decimal_of(s, n);
  if (!is_whole(&v)) return number_digest(secret, &v, room, to->digest);
  if (v.point >= LONGEST_INTEGER) return 0;
  u64 whole = 0;
  if (v.sign < 0) room[m++] = '-';
  if (!v.sign) room[m++] = '0';
  for (size_t k = 0; k < (size_t)v.point; k++) {
    room[m] = k < v.count ? digit_at(&v, k) : '0';
    whole = whole * 10 + (u64)(room[m++] - '0');
  }
  digest(secret, room, m, to->digest);
  if (v.sign >= 0 && v.point <= MOST_DIGITS) to->whole = whole;
  return 1;
}
static int is_like(const u8 *s, const char *form) {      /* 0 stands for any digit */
  for (; *form; s++, form++) if (*form == '0' ? *s < '0' || *s > '9' : *s != (u8)*form) return 0;
  return 1;
}
/* Write the digest of a date and time in UTC: of its text to the second, and of six digits more if there is a fraction of which
   these are not all 0. Others are left to the reference: 24:00:00, another zone, the year 0000. */
static int moment_key(const u64 *secret, const u8 *s, size_t n, u64 *h) {
  u8 room[32] = {0}; size_t m = 19, i = 19; int has_fraction = 0;
  if (n && s[n - 1] == 'Z') n--;
  if (n < 19 || !is_like(s, "0000-00-00T00:00:00") || !memcmp(s + 11, "24", 2) || !memcmp(s, "0000", 4)) return 0;
  memcpy(room, s, 19);
  if (n > 19 && (s[i] != '.' || ++i == n)) return 0;
  for (; i < n; i++) {
    if (!is_digit(s, i, n)) return 0;
    if (m < 25) { room[m++] = s[i]; has_fraction |= s[i] != '0'; }
  }
  while (m < 25) room[m++] = '0';
  digest_as(secret, OF_MOMENT, room, has_fraction ? 25 : 19, h);
  return 1;
}
/* What a text may leave out; the last six digits are the fraction of a second. key_values.py has the offsets of the parts. */
#define USUAL_TIME "1900-01-01T00:00:00000000"
#define AT_SHORT_YEAR 2                /* where a year of two digits belongs */
/* Write the digest of a date or time by the pattern of its column. Return 0, so that Python does, if the text does not have the bytes
   and digits of the pattern, if the hour is 24, or if a time of day has a fraction other than 0. */
static int pattern_key(const u64 *secret, const struct column *c, const u8 *s, size_t n, u64 *h) {
  u8 room[sizeof USUAL_TIME + 8] = USUAL_TIME; size_t i = 0;
  for (u64 k = 0; k < c->pattern_count; k++) {
    const struct time_part *part = &c->pattern[k]; u8 *to = room + part->at; size_t m = 0;
    if (!part->digits) { if (i >= n || s[i++] != part->byte) return 0; continue; }
    while (m < part->digits && is_digit(s, i + m, n)) m++;
    if (m < part->least) return 0;
    memset(to, '0', part->digits - m); memcpy(to + part->digits - m, s + i, m); i += m;
    if (part->at == AT_SHORT_YEAR) memcpy(room, memcmp(to, "69", 2) < 0 ? "20" : "19", 2);  /* POSIX: 1969 to 2068 */
  }
  if (i < n || !memcmp(room + 11, "24", 2)) return 0;
  const int has_fraction = memcmp(room + 19, "000000", 6) != 0;
  if (c->of_pattern == OF_TIME && has_fraction) return 0;
  if (c->of_pattern == OF_DATE) digest_as(secret, OF_DATE, room, 10, h);
  else if (c->of_pattern == OF_TIME) digest_as(secret, OF_TIME, room + 11, 8, h);
  else digest_as(secret, OF_MOMENT, room, has_fraction ? 25 : 19, h);
  return 1;
}
/* Write the digest of some numbers with separators between them, which is that of the JSON array; return 0 if they are too long, or
   are not written as in JSON. */
static int numbers_key(const u64 *secret, u8 separator, const u8 *s, size_t n, u64 *h) {
  u8 room[LONGEST_NUMBER + PADDING];
  if (!n || n > LONGEST_NUMBER) return 0;
  room[0] = '['; memcpy(room + 1, s, n); room[n + 1] = ']'; memset(room + n + 2, 0, PADDING - 2);
  if (separator != ',') for (size_t i = 1; i <= n; i++) if (room[i] == separator) room[i] = ',';
  return json_digest(secret, room, n + 2, h);
}
/* Write the digest of texts with separators between them: that of the JSON array. */
static void texts_key(const u64 *secret, u8 separator, const u8 *s, size_t n, u64 *h) {
  u64 v[2]; size_t size = 0;
  h[0] = h[1] = 0;
  for (size_t i = 0, end; i <= n; i = end + 1, size++) {
    for (end = i; end < n && s[end] != separator; end++) {}
    digest_as(secret, OF_STRING, s + i, end - i, v);
    digest_both(secret, OF_ARRAY, h, v, h);
  }
  v[0] = size; v[1] = 0;
  digest_both(secret, OF_ARRAY, h, v, h);
}
/* Write the digest of a month, 2024-02: that of the JSON array of year and month. */
static void month_key(const u64 *secret, const u8 *s, u64 *h) {
  u64 v[2] = {2, 0}, number[2]; u8 room[LONGEST_NUMBER + 32];
  const struct decimal year = decimal_of(s, 4), month = decimal_of(s + 5, 2);
  h[0] = h[1] = 0;
  number_digest(secret, &year, room, number); digest_both(secret, OF_ARRAY, h, number, h);
  number_digest(secret, &month, room, number); digest_both(secret, OF_ARRAY, h, number, h);
  digest_both(secret, OF_ARRAY, h, v, h);
}
/* Write the digest of the value of a cell; return 0 if only Python can. */
static int value_digest(const u64 *secret, const struct column *c, u64 encoding, struct key_cell *cell) {
  const u8 *s = cell->text; const size_t n = cell->length;
  cell->whole = NOT_WHOLE;
  switch (encoding) {
    case AS_JSON: return json_digest(secret, s, n, cell->digest);
    case AS_NUMBER: return number_key(secret, s, n, cell);
    case AS_MOMENT: return moment_key(secret, s, n, cell->digest);
    case AS_PATTERN: return pattern_key(secret, c, s, n, cell->digest);
    case AS_MONTH:
      if (n != 7 || !is_like(s, "0000-00")) return 0;
      month_key(secret, s, cell->digest);
      return 1;
    case AS_NUMBERS: return numbers_key(secret, (u8)c->separator, s, n, cell->digest);
    case AS_TEXTS: texts_key(secret, (u8)c->separator, s, n, cell->digest); return 1;
    case AS_BOOLEAN: {
      const struct name *word = named(c->words, c->words_count, s, n);
      if (!word) return 0;
      if (word->bit) digest(secret, (const u8 *)"\0True\0\0\0\0\0\0\0\0", 5, cell->digest);
      else digest(secret, (const u8 *)"\0False\0\0\0\0\0\0\0\0", 6, cell->digest);
      return 1;
    }
    default: return 0;
  }
}
static int is_listed(const struct column *c, const u64 *h) {
  u64 low = 0, high = c->listed_count;
  while (low < high) {
    const u64 middle = (low + high) / 2, *at = c->listed[middle];
    if (at[0] == h[0] && at[1] == h[1]) return 1;
    if (at[0] < h[0] || (at[0] == h[0] && at[1] < h[1])) low = middle + 1; else high = middle;
  }
  return 0;
}

/* An object, an array or a combination of shapes around the current place. */
struct frame {
  const struct shape *of;
  size_t at;                           /* where the value starts */
  struct member member;                /* the current one of an object */
  size_t first, last;                  /* where the first and the current item of an array start */
  u64 seen;                            /* the bits of the names that an object has so far */
  u64 count;                           /* how many items or members there are so far; the current part of a combination */
  size_t end;                          /* where the value ends, if a part of ONE_OF fits; else 0 */
};
/* After a member that does not fit, return the end of its object. Return 0 if the last member counts, and the same name, or
   that by which a shape was chosen, follows. i is where the value of the member ends. */
static size_t after_misfit(const struct frame *f, const u8 *s, size_t i, size_t n) {
  const struct name *chooser = f->of->chooser;
  const u8 *name = s + f->member.name; const size_t length = f->member.length; const int has_escapes = is_escaped(name, length);
  u64 is_chosen = chooser ? f->seen & chooser->bit : 0;
  for (i = after_space(s, i, n); s[i] != '}'; i = after_space(s, i, n)) {
    struct member m = member_at(s, after_space(s, i + 1, n), n);
    if (has_escapes || is_escaped(s + m.name, m.length) || is_same(name, length, s + m.name, m.length)) return 0;
    if (chooser && is_same(chooser->text, chooser->length, s + m.name, m.length)) { if (is_chosen) return 0; is_chosen = 1; }
    i = after_value(s, m.value, n);
  }
  return i + 1;
}
/* Return the shape that the object at i gets by a CHOICE; 0 if that is not clear. A shape with a chooser looks itself for a
   second member of that name. */
static const struct shape *choice(const struct shape *shapes, const struct shape *of, const u8 *s, size_t i, size_t n) {
  const struct shape *chosen = 0;
  if (s[i] == '{') for (i = after_space(s, i + 1, n); s[i] != '}'; i = after_space(s, i + (s[i] == ','), n)) {
    struct member m = member_at(s, i, n);
    if (is_escaped(s + m.name, m.length)) return 0;
    i = after_value(s, m.value, n);
    if (is_same(of->chooser->text, of->chooser->length, s + m.name, m.length)) {
      if (chosen || is_escaped(s + m.value, i - m.value)) return 0;
      const struct name *found = named(of->names, of->names_count, s + m.value, i - m.value);
      chosen = shapes + (found ? found->shape : of->others);
      if (chosen->chooser) return chosen;
    }
    i = after_space(s, i, n);
  }
  return chosen ? chosen : shapes + of->others;
}

#define MOST_FRAMES 250
/* Return whether the JSON at i fits a shape. */
static u32 fits(const u64 *secret, const struct shape *shapes, u64 shape, const u8 *s, size_t i, size_t n) {
  struct frame frames[MOST_FRAMES], *top = frames;  /* frames[0] is not used */
  const struct shape *of = shapes + shape; u64 again = 0, is_partial = 0; u8 room[LONGEST_ESCAPED];
#define ENTER(WHICH) do { of = shapes + (WHICH); goto enter; } while (0)
#define PUSH() do { if (++top == frames + MOST_FRAMES) return UNCLEAR; *top = (struct frame){.of = of, .at = i}; } while (0)
  u32 found, broken; u64 levels; int is_before;
enter:                                 /* a value starts at i */
  if (of == shapes) { i = after_value(s, i, n); goto fitting; }
  if (of->combination == CHOICE) {
    if (!(of = choice(shapes, of, s, i, n))) return UNCLEAR;
    goto enter;
  }
  if (of->combination) { PUSH(); ENTER(of->parts[0]); }
  is_partial |= of->is_partial;
  switch (s[i]) {
    case '{':
      if (!(of->kinds & OBJECT)) goto misfitting;
      PUSH();
      i = after_space(s, i + 1, n);
      if (s[i] == '}') { i++; goto object_ended; }
      goto name;
    case '[':
      if (!(of->kinds & ARRAY)) goto misfitting;
      PUSH();
      i = after_space(s, i + 1, n);
      if (s[i] == ']') { i++; goto array_ended; }
      top->first = i;
      goto item;
    case '"': {
      size_t end = after_string(s, i + 1, n);
      if (!(of->kinds & STRING)) goto misfitting;
      found = string_fits(of, s + i + 1, end - i - 2);
      if (found == FITS) i = end;
      break;
    }
    case 't': found = of->kinds & TRUE ? FITS : MISFITS; if (found == FITS) i += 4; break;
    case 'f': found = of->kinds & FALSE ? FITS : MISFITS; if (found == FITS) i += 5; break;
    case 'n': found = of->kinds & NULL_VALUE ? FITS : MISFITS; if (found == FITS) i += 4; break;
    default: {
      size_t end = after_number(s, i, n);
      if (!(of->kinds & (NUMBER | INTEGER))) goto misfitting;
      found = number_fits(of, s + i, end - i);
      if (found == FITS) i = end;
    }
  }
  if (found == UNCLEAR) return UNCLEAR;
  if (found == MISFITS) goto misfitting;
fitting:                               /* a value that fits ended before i */
  if (top == frames) return is_partial ? UNCLEAR : FITS;
  of = top->of;
  switch (of->combination) {
    case SIMPLE:
      i = after_space(s, i, n);
      if (s[i] == ',') {
        i = after_space(s, i + 1, n);
        if (s[top->at] == '{') goto name;
        goto item;
      }
      i++;
      if (s[i - 1] == '}') goto object_ended;
      goto array_ended;
    case ALL_OF:
      if (++top->count < of->parts_count) goto next_part;
      top--;
      goto fitting;
    case ANY_OF: top--; goto fitting;
    case ONE_OF:
      if (top->end) { top--; goto misfit_ended; }
      top->end = i;
      if (++top->count < of->parts_count) goto next_part;
      top--;
      goto fitting;
    case NONE_OF: top--; goto misfit_ended;
    default:
      if (top->count) { top--; goto fitting; }
      top->count = 1;
      goto next_part;
  }
next_part:
  again += i - top->at;
  if (again > MOST_AGAIN(n)) return UNCLEAR;
  i = top->at;
  ENTER(top->of->parts[top->count]);
name: {
    struct member m = top->member = member_at(s, i, n); const u8 *text = s + m.name; size_t length = m.length;
    of = top->of; top->count++; i = m.value;
    if (!of->names_count && !of->patterns_count && !of->name_shape) ENTER(of->others);
    if (!unescape_string(&text, &length, room)) return UNCLEAR;
    if (of->name_shape) {
      found = string_fits(shapes + of->name_shape, s + m.name, m.length);
      if (found == UNCLEAR) return UNCLEAR;
      if (found == MISFITS) goto misfitting;
    }
    const struct name *known = named(of->names, of->names_count, text, length);
    if (!known && of->patterns_count) {
      const struct pattern *matching = 0;
      for (u64 k = 0; k < of->patterns_count; k++) if (judge(of->patterns[k].names, text, length) == VALUE) {
        if (matching) return UNCLEAR;
        matching = &of->patterns[k];
      }
      if (matching) ENTER(matching->shape);
    }
    if (!known) ENTER(of->others);
    if (of->chooser && known->bit == of->chooser->bit && top->seen & known->bit) return UNCLEAR;
    top->seen |= known->bit;
    ENTER(known->shape);
  }
item:
  of = top->of; top->last = i;
  { u64 at = top->count++; ENTER(at < of->parts_count ? of->parts[at] : of->items); }
object_ended:
  of = top->of; top--;
  if ((top[1].seen & of->required) != of->required) goto misfit_ended;
  if (of->least_members || of->most_members != UINT64_MAX) {
    found = members_fit(secret, s, top[1].at, n, top[1].count, of->least_members, of->most_members, &broken);
    if (found == UNCLEAR) return UNCLEAR;
    if (found == MISFITS) goto misfit_ended;
  }
  goto fitting;
array_ended:
  of = top->of; top--;
  if (top[1].count < of->least_items || top[1].count > of->most_items || (of->is_even && top[1].count & 1)) goto misfit_ended;
  if (of->is_closed && top[1].count > 1 && !is_equal(s, top[1].first, top[1].last, n)) goto misfit_ended;
  if (of->is_unique && top[1].count > 1) {
    found = items_differ(secret, s, top[1].at, n, top[1].count);
    if (found == UNCLEAR) return UNCLEAR;
    if (found == MISFITS) goto misfit_ended;
  }
  goto fitting;
misfitting:                            /* a value that does not fit starts at i */
  levels = 0; is_before = 1;
  goto leave;
misfit_ended:                          /* a value that does not fit ended before i */
  levels = 0; is_before = 0;
leave:                                 /* i is `levels` containers inside the value that does not fit */
  for (; top > frames; top--) {
    of = top->of;
    switch (of->combination) {
      case SIMPLE:
        if (s[top->at] == '[') { levels++; break; }
        i = levels ? after_levels(s, i, n, levels) : is_before ? after_value(s, i, n) : i;
        if (!(i = after_misfit(top, s, i, n))) return UNCLEAR;
        levels = 0; is_before = 0;
        break;
      case ANY_OF:
        if (++top->count < of->parts_count) goto next_part;
        break;
      case ONE_OF:
        if (++top->count < of->parts_count) goto next_part;
        if (top->end) { i = top->end; top--; goto fitting; }
        break;
      case NONE_OF:
        i = after_value(s, top->at, n); top--;
        goto fitting;
      case CONDITION:
        if (!top->count) { top->count = 2; goto next_part; }
        break;
      default: break;
    }
  }
  return MISFITS;
}
/* Return the label of a text that the automaton does not decide, or ASK. */
static u32 json_label(const struct scan *x, const struct column *c, const u8 *s, size_t n) {
  u64 count = 0; u32 found = json_of(s, n, &count), broken = 0; const size_t start = after_space(s, 0, n);
  if (found == IS_UNCLEAR) return ASK;
  if (found != c->json) return (u32)c->wrong_json;
  if (found == IS_ARRAY) broken = (count < c->least_parts ? TOO_FEW : 0) | (count > c->most_parts ? TOO_MANY : 0);
  else if (members_fit(x->secret, s, start, n, count, c->least_parts, c->most_parts, &broken) == UNCLEAR) return ASK;
  if (c->shape) {
    u32 fit = fits(x->secret, c->shapes, c->shape, s, start, n);
    if (fit == UNCLEAR) return ASK;
    if (fit == MISFITS) broken |= UNFIT;
  }
  if (c->listed) {
    u64 h[2];
    if (!json_digest(x->secret, s, n, h)) return ASK;
    if (!is_listed(c, h)) broken |= UNLISTED;
  }
  return c->of_json[broken];
}
