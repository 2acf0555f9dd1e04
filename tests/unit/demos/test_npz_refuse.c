/* What the reader of NumPy archives must refuse, each with its sentence, and must survive. */
#include "demos/numpy/npz_archive.h"

#include "support/scratch_folder.h"
#include "support/zip_craft.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void setup(void) {
  scratch_make();
}

TestSuite(npz_refuse, .init = setup, .fini = scratch_remove);

static const uint64_t LIMIT = 1 << 20;
#define FILE_NAME scratch_path("a.npz")

static mg_status open_archive(const char *path, mg_npz **npz) {
  int file = open(path, O_RDONLY);
  cr_assert(file >= 0);
  mg_status status = mg_npz_open(file, path, LIMIT, npz);
  close(file);
  return status;
}

static void refused(mg_status status, mg_status expected, const char *words) {
  cr_assert_eq(status, expected, "status %d, not %d: %s", status, expected, mg_status_message());
  cr_assert(strstr(mg_status_message(), words), "'%s' lacks '%s'", mg_status_message(), words);
  cr_assert(!strchr(mg_status_message(), '\n'));
}

static void file_refused(mg_status expected, const char *words) {
  mg_npz *npz;
  refused(open_archive(FILE_NAME, &npz), expected, words);
  cr_assert_null(npz);
}

/* The member is listed, and refused when it is asked for. */
static void member_refused(const char *name, const char *words) {
  mg_npz *npz;
  mg_npz_stream *s;
  char sentence[256];
  cr_assert_eq(open_archive(FILE_NAME, &npz), MG_OK, "%s", mg_status_message());
  const mg_npz_member *member = mg_npz_find(npz, name);
  cr_assert(member && member->problem.text[0], "%s can be read", name);
  snprintf(sentence, sizeof sentence, "a.npz: member %s: %s", name, words);
  refused(mg_npz_stream_open(npz, name, &s), MG_ERR_DATA, sentence);
  cr_assert_null(s);
  mg_npz_close(npz);
}

/* The member can be opened; reading all of it fails, more than once. */
static void values_refused(const char *words) {
  mg_npz *npz;
  mg_npz_stream *s;
  cr_assert_eq(open_archive(FILE_NAME, &npz), MG_OK, "%s", mg_status_message());
  cr_assert_eq(mg_npz_stream_open(npz, "x", &s), MG_OK, "%s", mg_status_message());
  double *values = malloc(LIMIT);
  for (int i = 0; i < 2; i++)
    refused(mg_npz_stream_read(s, 0, mg_npz_stream_member(s)->rows, values), MG_ERR_DATA, words);
  free(values);
  mg_npz_stream_close(s);
  mg_npz_close(npz);
}

static void craft(const char *descr, const char *shape, size_t bytes) {
  craft_zip(FILE_NAME, &(craft_member){"x.npy", descr, shape, false, bytes}, 1, true);
}

Test(npz_refuse, members) {
  const craft_member members[] = {
      {"good.npy", "'<i2'", "(3, 2)", false, 12},
      {"infos.npy", "'|O'", "(3,)", false, 40},
      {"text.npy", "'<U10'", "(3,)", false, 120},
      {"struct.npy", "[('a', '<f8')]", "(3,)", false, 24},
      {"complex.npy", "'<c16'", "(3,)", false, 48},
      {"columns.npy", "'<f8'", "(3, 2)", true, 48},
      {"line.npy", "'<f8'", "(3,)", true, 24},
      {"few.npy", "'<f8'", "(3, 2)", false, 47},
      {"many.npy", "'<f8'", "(3, 2)", false, 49},
      {"large.npy", "'|b1'", "(131073,)", false, 131073},
      {"limit.npy", "'|b1'", "(131072,)", false, 131072},
      {"huge.npy", "'<f8'", "(4294967296, 4294967296)", false, 0},
      {"wrap.npy", "'<f8'", "(2305843009213693952, 8)", false, 0},
      {"empty.npy", "'<f8'", "(0, 3)", false, 0},
      {"thin.npy", "'<f8'", "(1000000000, 0)", false, 0},
      {"dir/../../up.npy", "'<f8'", "()", false, 8},
      {"damaged.npy", "'<f8'", "(3", false, 8},
  };
  craft_zip(FILE_NAME, members, sizeof members / sizeof *members, true);
  member_refused("infos", "holds Python objects (a pickle), which are never read");
  member_refused("text", "is <U10 [3]; expected floats");
  member_refused("struct", "is another type [3]; expected floats");
  member_refused("complex", "is <c16 [3]; expected floats");
  member_refused("columns", "is stored by columns (Fortran order)");
  member_refused("few", "is float64 [3,2], which needs 48 bytes, but has 47");
  member_refused("many", "is float64 [3,2], which needs 48 bytes, but has 49");
  member_refused("large", "is bool [131073], which needs more than the limit of 1048576 bytes");
  member_refused("huge", "is float64 [4294967296,4294967296], which needs more than");
  member_refused("wrap", "is float64 [2305843009213693952,8], which needs more than");
  member_refused("thin", "is float64 [1000000000,0], which needs more than the limit");
  member_refused("damaged", "has a damaged header: expected");

  /* The others can be read none the less. */
  mg_npz *npz;
  mg_npz_stream *s;
  double values[6];
  cr_assert_eq(open_archive(FILE_NAME, &npz), MG_OK);
  cr_assert_eq(npz->count, (int)(sizeof members / sizeof *members));
  cr_assert_eq(mg_npz_stream_open(npz, "good", &s), MG_OK);
  cr_assert_eq(mg_npz_stream_read(s, 1, 2, values), MG_OK);
  cr_assert(values[0] == 4 + 256 * 5 && values[3] == 10 + 256 * 11);
  const char *beyond = "member good: has 3 rows; expected";
  refused(mg_npz_stream_read(s, 2, 2, values), MG_ERR_DATA, beyond);
  refused(mg_npz_stream_read(s, 4, 0, values), MG_ERR_DATA, beyond);
  refused(mg_npz_stream_read(s, 1, UINT64_MAX, values), MG_ERR_DATA, beyond);
  mg_npz_stream_close(s);
  const char *readable[] = {"line", "limit", "empty", "dir/../../up"};
  for (int i = 0; i < 4; i++) {
    cr_assert_eq(mg_npz_stream_open(npz, readable[i], &s), MG_OK, "%s", mg_status_message());
    mg_npz_stream_close(s);
  }
  refused(mg_npz_stream_open(npz, "rewards", &s), MG_ERR_DATA,
          "no member rewards; found good, infos, text");
  mg_npz_close(npz);
}

Test(npz_refuse, names) {
  const craft_member two[] = {{"ab.npy", "'<f8'", "()", false, 8},
                              {"ac.npy", "'<f8'", "()", false, 8}};
  craft_zip(FILE_NAME, two, 2, false);
  cr_assert_eq(craft_replace(FILE_NAME, "ac.npy", "ab.npy", 6, false), 2);
  file_refused(MG_ERR_DATA, "member ab: occurs twice");
  craft_zip_bytes(FILE_NAME, "x.txt", "hello", 5, NULL);
  file_refused(MG_ERR_DATA, "member 'x.txt': expected a name that ends in .npy");
  craft_zip_bytes(FILE_NAME, ".npy", "hello", 5, NULL);
  file_refused(MG_ERR_DATA, "member '.npy'");
  char name[320];
  snprintf(name, sizeof name, "%0256d.npy", 7);
  craft_zip_bytes(FILE_NAME, name, "hello", 5, NULL);
  file_refused(MG_ERR_DATA, "the name has 256 bytes; expected below 256");
}

Test(npz_refuse, no_arrays) {
  craft_zip_bytes(FILE_NAME, "x.npy", "", 0, NULL);
  member_refused("x", "ends early");
  craft_zip_bytes(FILE_NAME, "x.npy", "\x93NUMPY\1\0\x76", 9, NULL);
  member_refused("x", "ends early");
  craft_zip_bytes(FILE_NAME, "x.npy", "\x93NUMPY\1\0\x76\0{'descr", 18, NULL);
  member_refused("x", "ends early");
  craft_zip_bytes(FILE_NAME, "x.npy", "\x93NUMPY\2\0\xff\xff\xff\xff{", 13, NULL);
  member_refused("x", "has a header of 4294967307 bytes; expected at most 65536");
  craft_zip_bytes(FILE_NAME, "x.npy", "cos\nsystem\n(S'true'\ntR.", 23, NULL);
  member_refused("x", "does not begin as a NumPy array does");
}

Test(npz_refuse, storage) {
  craft_zip_bytes(FILE_NAME, "x.npy", "0123456789abcdef", 16, "secret");
  member_refused("x", "is encrypted");
  craft_zip(FILE_NAME, &(craft_member){"x.npy", "'<f8'", "(99,)", false, 792}, 1, true);
  size_t size;
  unsigned char *bytes = file_read(FILE_NAME, &size);
  for (size_t i = 0; i + 12 < size; i++) /* the method in the directory */
    if (memcmp(bytes + i, "PK\1\2", 4) == 0) bytes[i + 10] = 14;
  cr_assert(file_write(FILE_NAME, bytes, size));
  free(bytes);
  member_refused("x", "is compressed by method 14; expected stored or deflated");
}

Test(npz_refuse, files) {
  mg_npz *npz;
  int ends[2];
  refused(open_archive(scratch_path("."), &npz), MG_ERR_NO_INPUT, "not a regular file");
  cr_assert_eq(pipe(ends), 0);
  refused(mg_npz_open(ends[0], "pipe", LIMIT, &npz), MG_ERR_NO_INPUT, "pipe: not a regular file");
  close(ends[0]);
  close(ends[1]);
  file_write(FILE_NAME, "", 0);
  file_refused(MG_ERR_DATA, "is empty");
  file_write(FILE_NAME, "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
  file_refused(MG_ERR_DATA, "an archive of 0 arrays; expected 1 to 4096");
  file_write(FILE_NAME, "\x89HDF\r\n\x1a\n0123456789012345678901234567", 36);
  file_refused(MG_ERR_DATA, "no NumPy archive (.npz), or truncated: Not a zip archive");
}

/* More members than are allowed, and a directory that is larger than is read. */
Test(npz_refuse, directories) {
  enum { COUNT = 65000, NAME = 300 };
  size_t entry = 46 + NAME, size = COUNT * entry + 22;
  unsigned char *bytes = calloc(1, size), *end = bytes + COUNT * entry;
  for (size_t i = 0; i < COUNT; i++) {
    unsigned char *e = bytes + i * entry;
    memcpy(e, "PK\1\2", 4);
    e[28] = NAME & 255, e[29] = NAME >> 8;
    memset(e + 46, 'x', NAME);
    memcpy(e + 46, &i, sizeof(uint32_t));
  }
  size_t length = COUNT * entry;
  memcpy(end, "PK\5\6", 4);
  end[8] = end[10] = COUNT & 255, end[9] = end[11] = COUNT >> 8;
  for (int i = 0; i < 4; i++) end[12 + i] = (unsigned char)(length >> 8 * i);
  file_write(FILE_NAME, bytes, size);
  file_refused(MG_ERR_DATA, "its directory is too large");
  /* The last 5000 of them */
  size_t begin = (COUNT - 5000) * entry;
  end[8] = end[10] = 5000 & 255, end[9] = end[11] = 5000 >> 8;
  for (int i = 0; i < 4; i++) end[12 + i] = (unsigned char)(5000 * entry >> 8 * i);
  file_write(FILE_NAME, bytes + begin, size - begin);
  file_refused(MG_ERR_DATA, "an archive of 5000 arrays; expected 1 to 4096");
  free(bytes);
}

Test(npz_refuse, damaged_values) {
  /* 1 ... 8, then 9 at which a bit is lost */
  craft_zip(FILE_NAME, &(craft_member){"x.npy", "'|u1'", "(100,)", false, 100}, 1, false);
  cr_assert_eq(craft_replace(FILE_NAME, "\7\10\11\12", "\7\10\10\12", 4, false), 1);
  values_refused("member x: CRC error");
  craft("'|u1'", "(100000,)", 100000);
  size_t size;
  unsigned char *bytes = file_read(FILE_NAME, &size);
  memset(bytes + 200, 0xff, 40);
  cr_assert(file_write(FILE_NAME, bytes, size));
  free(bytes);
  values_refused("member x: ");
}

/* The directory claims more than there is, as the shape does. */
Test(npz_refuse, bomb) {
  craft("'|u1'", "(120000,)", 100);
  size_t size;
  unsigned char *bytes = file_read(FILE_NAME, &size);
  for (size_t i = 0; i + 28 < size; i++) {
    if (memcmp(bytes + i, "PK\1\2", 4) != 0) continue;
    uint32_t claimed = bytes[i + 24] | (uint32_t)bytes[i + 25] << 8;
    claimed += 120000 - 100;
    for (int k = 0; k < 3; k++) bytes[i + 24 + (size_t)k] = (unsigned char)(claimed >> 8 * k);
  }
  cr_assert(file_write(FILE_NAME, bytes, size));
  free(bytes);
  values_refused("member x: ");
}

/* Opens what is in the descriptor and reads all that can be read, as far as it goes. */
static void read_everything(int file) {
  static double values[1 << 17];
  mg_npz *npz;
  if (mg_npz_open(file, "memory", sizeof values, &npz) != MG_OK) return;
  for (int i = 0; i < npz->count; i++) {
    mg_npz_stream *s;
    if (mg_npz_stream_open(npz, npz->entry[i].member.name, &s) != MG_OK) continue;
    mg_npz_stream_read(s, 0, mg_npz_stream_member(s)->rows, values);
    mg_npz_stream_close(s);
  }
  mg_npz_close(npz);
}

Test(npz_refuse, every_damage_is_survived) {
  const craft_member members[] = {{"x.npy", "'<f8'", "(7, 3)", false, 168},
                                  {"y.npy", "'>i4'", "(20,)", false, 80}};
  int file = open(scratch_path("damaged"), O_RDWR | O_CREAT, 0600);
  for (int deflate = 0; deflate < 2; deflate++) {
    craft_zip(FILE_NAME, members, 2, deflate);
    size_t size;
    unsigned char *bytes = file_read(FILE_NAME, &size);
    for (size_t i = 0; i < size; i++) {
      static const unsigned char CHANGES[] = {0x01, 0x80, 0xff};
      for (int k = 0; k < 3; k++) {
        unsigned char was = bytes[i];
        bytes[i] ^= CHANGES[k];
        cr_assert_eq(pwrite(file, bytes, size, 0), (ssize_t)size);
        read_everything(file);
        bytes[i] = was;
      }
    }
    for (size_t n = size; n-- > 0;) {
      mg_npz *npz;
      cr_assert_eq(ftruncate(file, (off_t)n), 0);
      cr_assert_eq(mg_npz_open(file, "cut", LIMIT, &npz), MG_ERR_DATA, "cut to %zu", n);
    }
    free(bytes);
  }
  close(file);
}
