#include "app/render/encoder.h"
#include "app/render/film.h"
#include "support/png_read.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WIDTH = 48, HEIGHT = 32, FPS = 25 };
static mg_arena *arena;
static mg_picture picture;

static void setup(void) {
  cr_assert_not_null(scratch_make());
  arena = mg_arena_create();
  picture = mg_picture_make(WIDTH, HEIGHT, arena);
  signal(SIGPIPE, SIG_IGN); /* as main does */
}

static void teardown(void) {
  mg_arena_destroy(arena);
  scratch_remove();
}

TestSuite(film, .init = setup, .fini = teardown);

static void add(mg_film *film, int pictures) {
  for (int k = 0; k < pictures; k++) {
    mg_picture_box(&picture, k, k, 10, 10, (mg_colour){200, 100, 50}, 1);
    cr_assert_eq(mg_film_add(film, &picture, "step"), MG_OK, "%s", mg_status_message());
  }
}

/* A program of this name before all others. */
static void plant_ffmpeg(const char *script) {
  static char path[4096];
  const char *file = scratch_path("bin/ffmpeg");
  mkdir(scratch_path("bin"), 0777);
  cr_assert(file_write(file, script, strlen(script)));
  chmod(file, 0777);
  snprintf(path, sizeof path, "%s:/usr/bin:/bin", scratch_path("bin"));
  setenv("PATH", path, 1);
}

Test(film, kinds_by_name) {
  int fps;
  cr_expect_eq(mg_film_check("a/b.mp4", &fps), MG_OK);
  cr_expect_eq(fps, 240);
  cr_expect_eq(mg_film_check("b.gif", &fps), MG_OK);
  cr_expect_eq(fps, 50);
  cr_expect_eq(mg_film_check("b.webp", &fps), MG_OK);
  cr_expect_eq(mg_film_check("new/", &fps), MG_OK);
  cr_expect_eq(mg_film_check(scratch_path(""), &fps), MG_OK, "a folder that is there");
  const char *const bad[] = {"b.avi", "b", ".mp4", "mp4", "b.mp4x"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    cr_expect_eq(mg_film_check(bad[i], &fps), MG_ERR_USAGE, "%s", bad[i]);
    cr_expect(strstr(mg_status_message(), bad[i]) && strstr(mg_status_message(), ".webp"));
  }
}

/* ---- folders ---- */

Test(film, a_folder_appears_when_it_is_whole) {
  mg_film *film;
  const char *output = scratch_path("frames/");
  cr_assert_eq(mg_film_open(output, WIDTH, HEIGHT, FPS, &film), MG_OK, "%s", mg_status_message());
  add(film, 3);
  cr_expect_neq(access(output, F_OK), 0, "not before it is finished");
  cr_assert_eq(mg_film_close(film, true), MG_OK);
  cr_expect_eq(scratch_count(), 1);
  size_t length;
  mg_picture read;
  char comment[64];
  unsigned char *bytes = file_read(scratch_path("frames/000002.png"), &length);
  cr_assert_not_null(bytes);
  cr_assert(png_read(bytes, length, &read, comment, sizeof comment));
  cr_expect_eq(memcmp(read.rgb, picture.rgb, WIDTH * HEIGHT * 3), 0);
  cr_expect_str_eq(comment, "step");
  free(read.rgb);
  free(bytes);
  cr_expect_neq(access(scratch_path("frames/000003.png"), F_OK), 0);
}

Test(film, a_folder_that_is_given_up_leaves_nothing) {
  mg_film *film;
  cr_assert_eq(mg_film_open(scratch_path("frames/"), WIDTH, HEIGHT, FPS, &film), MG_OK);
  add(film, 3);
  cr_assert_eq(mg_film_close(film, false), MG_OK);
  cr_expect_eq(scratch_count(), 0);
}

Test(film, a_folder_with_files_is_not_touched) {
  mg_film *film;
  mkdir(scratch_path("mine"), 0777);
  cr_assert_eq(mg_film_open(scratch_path("mine"), WIDTH, HEIGHT, FPS, &film), MG_OK, "empty");
  add(film, 1);
  cr_assert_eq(mg_film_close(film, true), MG_OK, "%s", mg_status_message());
  cr_assert_eq(mg_film_open(scratch_path("mine/"), WIDTH, HEIGHT, FPS, &film), MG_ERR_CREATE);
  cr_expect(strstr(mg_status_message(), "has files in it"));
  cr_expect_eq(access(scratch_path("mine/000000.png"), F_OK), 0);
  cr_assert_eq(mg_film_open(scratch_path("no/such/"), WIDTH, HEIGHT, FPS, &film), MG_ERR_CREATE);
}

/* ---- films ---- */

Test(film, films_of_all_kinds) {
  const char *const names[] = {"a.mp4", "a.gif", "a.webp"};
  const char *const marks[] = {"ftyp", "GIF8", "RIFF"};
  const int places[] = {4, 0, 0};
  if (system("ffmpeg -version >/dev/null 2>&1") != 0) cr_skip_test("ffmpeg is not installed");
  for (int i = 0; i < 3; i++) {
    mg_film *film;
    const char *path = scratch_path(names[i]);
    cr_assert(file_write(path, "old", 3)); /* is replaced */
    cr_assert_eq(mg_film_open(path, WIDTH, HEIGHT, FPS, &film), MG_OK, "%s", mg_status_message());
    add(film, 60);
    cr_assert_eq(mg_film_close(film, true), MG_OK, "%s: %s", path, mg_status_message());
    size_t length;
    unsigned char *bytes = file_read(path, &length);
    cr_expect(length > 200 && memcmp(bytes + places[i], marks[i], 4) == 0, "%s", names[i]);
    free(bytes);
  }
  cr_expect_eq(scratch_count(), 3);
}

Test(film, a_film_that_is_given_up_leaves_the_old_one) {
  mg_film *film;
  plant_ffmpeg("#!/bin/sh\nexec cat >/dev/null\n");
  cr_assert(file_write(scratch_path("a.mp4"), "old", 3));
  cr_assert_eq(mg_film_open(scratch_path("a.mp4"), WIDTH, HEIGHT, FPS, &film), MG_OK);
  add(film, 2);
  cr_assert_eq(mg_film_close(film, false), MG_OK);
  size_t length;
  unsigned char *bytes = file_read(scratch_path("a.mp4"), &length);
  cr_expect_eq(length, 3);
  free(bytes);
  cr_expect_eq(scratch_count(), 2, "bin and the old one");
}

Test(film, no_ffmpeg) {
  mg_film *film;
  setenv("PATH", scratch_path("nothing"), 1);
  cr_assert_eq(mg_film_open(scratch_path("a.mp4"), WIDTH, HEIGHT, FPS, &film), MG_ERR_CONFIG);
  cr_expect(strstr(mg_status_message(), "apt-get install ffmpeg"), "%s", mg_status_message());
  cr_expect_eq(scratch_count(), 0);
}

Test(film, an_ffmpeg_that_fails_is_quoted) {
  mg_film *film;
  plant_ffmpeg(
      "#!/bin/sh\necho 'first line' >&2\necho 'Unknown encoder libwebp_anim' >&2\nexit 8\n");
  cr_assert_eq(mg_film_open(scratch_path("a.webp"), WIDTH, HEIGHT, FPS, &film), MG_OK);
  mg_status status = MG_OK;
  for (int k = 0; k < 1000 && status == MG_OK; k++) status = mg_film_add(film, &picture, "");
  cr_expect_eq(status, MG_ERR_IO);
  cr_expect_str_eq(mg_status_message(),
                   "ffmpeg failed with exit code 8: Unknown encoder libwebp_anim");
  cr_expect_eq(mg_film_close(film, false), MG_OK);
  cr_expect_eq(scratch_count(), 1, "bin");
}

Test(film, an_ffmpeg_that_fails_at_the_end) {
  mg_film *film;
  plant_ffmpeg("#!/bin/sh\ncat >/dev/null\necho 'No space left on device' >&2\nexit 1\n");
  cr_assert_eq(mg_film_open(scratch_path("a.gif"), WIDTH, HEIGHT, FPS, &film), MG_OK);
  add(film, 3);
  cr_expect_eq(mg_film_close(film, true), MG_ERR_IO);
  cr_expect(strstr(mg_status_message(), "No space left"), "%s", mg_status_message());
  cr_expect_eq(scratch_count(), 1, "bin");
}

Test(film, places_that_cannot_be_written) {
  mg_film *film;
  cr_assert_eq(mg_film_open(scratch_path("no/a.mp4"), WIDTH, HEIGHT, FPS, &film), MG_ERR_CREATE);
  cr_expect(strstr(mg_status_message(), "no/a.mp4"));
}
