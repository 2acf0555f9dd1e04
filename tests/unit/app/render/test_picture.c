#include "app/render/draw/png.h"
#include "support/png_read.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static mg_arena *arena;

static void setup(void) {
  cr_assert_not_null(scratch_make());
  arena = mg_arena_create();
  cr_assert_not_null(arena);
}

static void teardown(void) {
  mg_arena_destroy(arena);
  scratch_remove();
}

TestSuite(picture, .init = setup, .fini = teardown);

static mg_picture make(int width, int height) {
  mg_picture p = mg_picture_make(width, height, arena);
  cr_assert_eq(mg_arena_status(arena), MG_OK);
  return p;
}

static const uint8_t *at(const mg_picture *p, int x, int y) {
  return p->rgb + 3 * (y * p->width + x);
}

static const mg_colour WHITE = {255, 255, 255}, RUST = {200, 100, 50};

Test(picture, a_box_covers_its_pixels_and_no_others) {
  mg_picture p = make(10, 8);
  mg_picture_box(&p, 2, 3, 4, 2, RUST, 1);
  for (int y = 0; y < 8; y++)
    for (int x = 0; x < 10; x++) {
      const bool inside = x >= 2 && x < 6 && y >= 3 && y < 5;
      cr_assert_eq(at(&p, x, y)[0], inside ? 200 : 0, "(%d,%d)", x, y);
      cr_assert_eq(at(&p, x, y)[2], inside ? 50 : 0);
    }
  mg_picture_box(&p, 2, 3, 1, 1, WHITE, 0.5);
  cr_assert_eq(at(&p, 2, 3)[0], 228);
  cr_assert_eq(at(&p, 2, 3)[1], 178);
}

Test(picture, what_lies_outside_is_cut_off) {
  mg_picture p = make(6, 5), stamp = make(4, 4);
  mg_picture_box(&stamp, 0, 0, 4, 4, RUST, 1);
  mg_picture_box(&stamp, 0, 0, 1, 1, WHITE, 1);
  mg_picture_box(&p, -100, -100, 1000, 1000, WHITE, 1);
  cr_assert_float_eq(picture_share(&p, WHITE, 0), 1, 1e-12);
  mg_picture_put(&stamp, 4, 3, &p);
  cr_assert_eq(at(&p, 5, 4)[1], 100);
  cr_assert_eq(at(&p, 4, 3)[1], 255, "its upper left corner");
  cr_assert_eq(at(&p, 3, 4)[1], 255);
  mg_picture_put(&stamp, -3, -3, &p);
  cr_assert_eq(at(&p, 0, 0)[1], 100);
  cr_assert_eq(at(&p, 1, 0)[1], 255);
  mg_picture_put(&stamp, 6, 0, &p);
  mg_picture_put(&stamp, 0, -4, &p);
  mg_picture_text(&p, -30, -30, &mg_font_small, 1, RUST, "far away");
}

Test(picture, text_can_be_read) {
  const mg_font *const fonts[] = {&mg_font_small, &mg_font_large};
  char all[MG_FONT_LAST - MG_FONT_FIRST + 2] = "", read[128];
  for (int c = MG_FONT_FIRST; c <= MG_FONT_LAST; c++) all[c - MG_FONT_FIRST] = (char)c;
  for (int i = 0; i < 2; i++) {
    mg_picture p = make(fonts[i]->width * (int)sizeof all, 30);
    cr_assert_eq(mg_picture_text(&p, 3, 5, fonts[i], 1, WHITE, all),
                 mg_text_width(fonts[i], 1, all));
    picture_read_text(&p, fonts[i], 3, 5, read, sizeof read);
    cr_assert_str_eq(read, " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
                           "abcdefghijklmnopqrstuvwxyz{|}~");
  }
}

/* One glyph as its font's makers drew it. */
Test(picture, an_h_has_its_shape) {
  static const char *const rows[] = {"......", "......", "#.....", "#.....", "#.....",
                                     "#.##..", "##..#.", "#...#.", "#...#.", "#...#.",
                                     "#...#.", "......", "......"};
  for (int row = 0; row < 13; row++)
    for (int column = 0; column < 6; column++)
      cr_expect_eq(mg_font_has(&mg_font_small, 'h', column, row), rows[row][column] == '#',
                   "(%d,%d)", column, row);
}

Test(picture, a_character_of_utf8_is_one_question_mark) {
  char read[32];
  mg_picture p = make(300, 40);
  const int width =
      mg_picture_text(&p, 0, 0, &mg_font_large, 1, WHITE, "h\xc3\xbcpf \xe2\x82\xac\t!");
  picture_read_text(&p, &mg_font_large, 0, 0, read, sizeof read);
  cr_assert_str_eq(read, "h?pf ?"
                         "?!");
  cr_assert_eq(width, 8 * 10);
}

Test(picture, larger_text_has_larger_dots) {
  mg_picture small = make(60, 30), large = make(120, 60);
  mg_picture_text(&small, 0, 0, &mg_font_large, 1, WHITE, "ab1");
  cr_assert_eq(mg_picture_text(&large, 0, 0, &mg_font_large, 2, WHITE, "ab1"), 2 * 3 * 10);
  for (int y = 0; y < 60; y++)
    for (int x = 0; x < 120; x++)
      cr_assert_eq(at(&large, x, y)[0], at(&small, x / 2, y / 2)[0], "(%d,%d)", x, y);
}

/* ---- PNG ---- */

Test(picture, png_holds_picture_and_text) {
  mg_picture p = make(37, 23), q;
  char comment[128];
  for (int i = 0; i < 37 * 23 * 3; i++) p.rgb[i] = (uint8_t)(i * 7 + i / 111);
  const char *path = scratch_path("a.png");
  const mg_png_text text[] = {{"Software", "mgail"}, {"Comment", "step 3, return 1.5"}};
  cr_assert_eq(mg_png_write(path, &p, 2, text), MG_OK, "%s", mg_status_message());
  size_t length;
  unsigned char *bytes = file_read(path, &length);
  cr_assert(png_read(bytes, length, &q, comment, sizeof comment));
  cr_assert(q.width == 37 && q.height == 23);
  cr_assert_eq(memcmp(p.rgb, q.rgb, 37 * 23 * 3), 0);
  cr_assert_str_eq(comment, "step 3, return 1.5");
  bytes[length / 2] ^= 1; /* the reader is no rubber stamp */
  mg_picture broken;
  cr_assert(!png_read(bytes, length, &broken, comment, sizeof comment));
  free(broken.rgb);
  free(q.rgb);
  free(bytes);
}

Test(picture, png_of_a_name_that_is_taken_or_has_no_folder) {
  mg_picture p = make(2, 2);
  const char *path = scratch_path("b.png");
  cr_assert(file_write(path, "mine", 4));
  cr_assert_eq(mg_png_write(path, &p, 0, NULL), MG_ERR_CREATE);
  size_t length;
  unsigned char *bytes = file_read(path, &length);
  cr_assert(length == 4 && memcmp(bytes, "mine", 4) == 0);
  free(bytes);
  cr_assert_eq(mg_png_write(scratch_path("no/c.png"), &p, 0, NULL), MG_ERR_CREATE);
}
