/* A run's folder: what is made and refused, who holds it, what stays of it. */
#include "app/run/run_folder.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void begin(void) {
  scratch_make();
}

TestSuite(run_folder, .init = begin, .fini = scratch_remove);

static bool exists(const char *name) {
  struct stat info;
  return lstat(scratch_path(name), &info) == 0;
}

/* The content of a small file of the scratch folder. */
static const char *content(const char *name) {
  static char text[256];
  size_t length = 0;
  unsigned char *bytes = file_read(scratch_path(name), &length);
  cr_assert(bytes && length < sizeof text, "%s", name);
  memcpy(text, bytes, length);
  text[length] = '\0';
  free(bytes);
  return text;
}

static void refuse(mg_status got, mg_status expected, const char *sentence) {
  cr_assert(got == expected && strstr(mg_status_message(), sentence), "%d: %s", got,
            mg_status_message());
}

Test(run_folder, made_with_its_parents_and_kept) {
  mg_run_folder folder;
  cr_assert(mg_run_folder_create(scratch_path("a"), &folder) == MG_OK, "%s", mg_status_message());
  cr_assert(folder.made && folder.lock.file >= 0);
  fprintf(folder.log, "a line\n");
  cr_assert(mg_run_folder_write(&folder, "config.ini", "[run]\n") == MG_OK);
  cr_assert(mg_run_folder_write(&folder, "config.ini", "[data]\n") == MG_OK); /* replaced */
  long holder = 0;
  cr_assert(sscanf(content("a/lock"), "%ld on ", &holder) == 1 && holder == (long)getpid());
  mg_run_folder_close(&folder, false);
  cr_assert(folder.lock.file == -1 && !folder.log);
  cr_assert(!exists("a/lock"));
  cr_assert_str_eq(content("a/config.ini"), "[data]\n");
  cr_assert_str_eq(content("a/log.txt"), "a line\n");

  cr_assert(mg_run_folder_create(scratch_path("b/c//d"), &folder) == MG_OK);
  cr_assert(exists("b/c/d/lock"));
  mg_run_folder_close(&folder, true);
  cr_assert(!exists("b/c/d") && exists("b/c"));
}

Test(run_folder, refused) {
  mg_run_folder folder;
  char name[MG_FOLDER_PATH_MAX + 1];
  cr_assert(file_write(scratch_path("file"), "x", 1));
  refuse(mg_run_folder_create(scratch_path("file"), &folder), MG_ERR_CREATE, "file");
  refuse(mg_run_folder_create(scratch_path("file/run"), &folder), MG_ERR_CREATE, "file");
  cr_assert(mkdir(scratch_path("full"), 0777) == 0);
  cr_assert(file_write(scratch_path("full/mine"), "x", 1));
  refuse(mg_run_folder_create(scratch_path("full"), &folder), MG_ERR_CREATE,
         "is not empty (it holds mine)");
  mg_run_folder_close(&folder, true);
  cr_assert(exists("full/mine"));

  refuse(mg_run_folder_reopen(scratch_path("absent"), &folder), MG_ERR_NO_INPUT, "no run folder");
  refuse(mg_run_folder_reopen(scratch_path("file"), &folder), MG_ERR_NO_INPUT, "no run folder");
  cr_assert(scratch_count() == 2, "something was made");

  memset(name, 'a', sizeof name);
  name[MG_FOLDER_PATH_MAX] = '\0';
  refuse(mg_run_folder_create(name, &folder), MG_ERR_CREATE,
         "path of 1024 bytes; expected at most");
  char path[16];
  cr_assert(mg_run_folder_file("123456789", "12345", path, sizeof path) == MG_OK);
  cr_assert_str_eq(path, "123456789/12345");
  refuse(mg_run_folder_file("123456789", "123456", path, sizeof path), MG_ERR_CREATE,
         "path of more than 15 bytes");
}

/* A lock is held by whoever has it open, and only so long. */
Test(run_folder, one_holder) {
  mg_run_folder first, second;
  char path[256], sentence[64];
  snprintf(path, sizeof path, "%s", scratch_path("run"));
  snprintf(sentence, sizeof sentence, "in use by process %ld on ", (long)getpid());
  cr_assert(mg_run_folder_create(path, &first) == MG_OK);
  refuse(mg_run_folder_create(path, &second), MG_ERR_CREATE, sentence);
  mg_run_folder_close(&second, true);
  refuse(mg_run_folder_reopen(path, &second), MG_ERR_CREATE, sentence);
  cr_assert(exists("run/lock") && exists("run/log.txt"), "the second took the first one's files");
  mg_run_folder_close(&first, false);

  /* What a killed process leaves holds nobody up. */
  cr_assert(file_write(scratch_path("run/lock"), "12345 on elsewhere, gone\n", 25));
  cr_assert(mg_run_folder_reopen(path, &second) == MG_OK, "%s", mg_status_message());
  cr_assert(!second.made);
  cr_assert(strstr(content("run/lock"), "gone") == NULL, "the old holder's name is left");
  fprintf(second.log, "more\n");
  mg_run_folder_close(&second, false);
  cr_assert_str_eq(content("run/log.txt"), "more\n");
}

/* A run that was killed before it had written its settings is no run yet: the same command begins it. */
Test(run_folder, killed_before_its_settings) {
  mg_run_folder folder;
  cr_assert(mkdir(scratch_path("run"), 0777) == 0);
  cr_assert(file_write(scratch_path("run/log.txt"), "a line\n", 7));
  cr_assert(file_write(scratch_path("run/lock"), "12345 on elsewhere, gone\n", 25));
  cr_assert(file_write(scratch_path("run/config.ini.tmp.12345"), "x", 1));
  cr_assert(mg_run_folder_create(scratch_path("run"), &folder) == MG_OK, "%s", mg_status_message());
  cr_assert(!exists("run/config.ini.tmp.12345"));
  mg_run_folder_close(&folder, false);
  cr_assert(exists("run/log.txt") && !exists("run/lock"));
  cr_assert(file_write(scratch_path("run/config.ini"), "[data]\n", 7));
  refuse(mg_run_folder_create(scratch_path("run"), &folder), MG_ERR_CREATE,
         "is not empty (it holds config.ini)");
  cr_assert(exists("run/log.txt") && exists("run/config.ini"));
}

/* Nothing is written through a link that lies where a file of the run is to be. */
Test(run_folder, links) {
  mg_run_folder folder;
  char path[256];
  snprintf(path, sizeof path, "%s", scratch_path("run"));
  cr_assert(file_write(scratch_path("precious"), "precious", 8));
  cr_assert(mkdir(path, 0777) == 0);
  cr_assert(symlink("../precious", scratch_path("run/lock")) == 0);
  refuse(mg_run_folder_reopen(path, &folder), MG_ERR_CREATE, "run/lock");
  cr_assert_str_eq(content("precious"), "precious");
  unlink(scratch_path("run/lock"));

  cr_assert(symlink("../precious", scratch_path("run/log.txt")) == 0);
  refuse(mg_run_folder_reopen(path, &folder), MG_ERR_CREATE, "run/log.txt: a link");
  cr_assert_str_eq(content("precious"), "precious");
  unlink(scratch_path("run/log.txt"));

  cr_assert(symlink("../precious", scratch_path("run/config.ini")) == 0);
  cr_assert(mg_run_folder_reopen(path, &folder) == MG_OK);
  cr_assert(mg_run_folder_write(&folder, "config.ini", "[run]\n") == MG_OK);
  cr_assert_str_eq(content("run/config.ini"), "[run]\n");
  cr_assert_str_eq(content("precious"), "precious");
  mg_run_folder_close(&folder, false);
}

/* A run that never began leaves nothing of its own, and everything else. */
Test(run_folder, discarded) {
  mg_run_folder folder;
  cr_assert(mkdir(scratch_path("there"), 0777) == 0);
  cr_assert(mg_run_folder_create(scratch_path("there"), &folder) == MG_OK);
  cr_assert(!folder.made);
  cr_assert(mg_run_folder_write(&folder, "config.ini", "[run]\n") == MG_OK);
  mg_run_folder_close(&folder, true);
  cr_assert(exists("there") && rmdir(scratch_path("there")) == 0, "a file is left");

  cr_assert(mg_run_folder_create(scratch_path("new"), &folder) == MG_OK);
  cr_assert(file_write(scratch_path("new/mine"), "x", 1));
  mg_run_folder_close(&folder, true);
  cr_assert(exists("new/mine") && !exists("new/lock") && !exists("new/log.txt"));
}

Test(run_folder, left_before_its_first_checkpoint) {
  const char *path = scratch_path("run");
  cr_assert(!mg_run_folder_is_new(path), "not there");
  cr_assert(mkdir(path, 0777) == 0 && mg_run_folder_is_new(path));
  cr_assert(file_write(scratch_path("run/notes"), "x", 1) && !mg_run_folder_is_new(path));
  cr_assert(file_write(scratch_path("run/config.ini"), "x", 1) && mg_run_folder_is_new(path));
  static const char *const later[] = {"run/checkpoint.h5", "run/checkpoint.h5.previous",
                                      "run/result.json"};
  for (int k = 0; k < 3; k++) {
    cr_assert(file_write(scratch_path(later[k]), "x", 1) && !mg_run_folder_is_new(path), "%s",
              later[k]);
    cr_assert(remove(scratch_path(later[k])) == 0);
  }
}

Test(run_folder, what_is_kept_replaces_nothing) {
  mg_run_folder folder;
  char kept[64];
  cr_assert(mg_run_folder_create(scratch_path("run"), &folder) == MG_OK);
  for (int k = 1; k <= 2; k++) {
    cr_assert(mg_run_folder_write(&folder, "curves.h5", k == 1 ? "one" : "two") == MG_OK);
    cr_assert(mg_run_folder_keep(&folder, "curves.h5", kept, sizeof kept) == MG_OK);
    cr_assert(!exists("run/curves.h5"));
  }
  cr_assert_str_eq(kept, "curves.h5.kept-2");
  cr_assert_str_eq(content("run/curves.h5.kept-1"), "one");
  cr_assert_str_eq(content("run/curves.h5.kept-2"), "two");
  cr_assert(mg_run_folder_keep(&folder, "curves.h5", kept, sizeof kept) == MG_OK, "none is there");
  mg_run_folder_close(&folder, false);
}

Test(run_folder, temporaries_of_the_dead_are_removed) {
  static const char *const dead[] = {"checkpoint.h5.tmp.12", "checkpoint.h5.tmp.12.previous",
                                     "config.ini.tmp.7", "curves.h5.tmp.8",
                                     "result.json.tmp.99999"};
  static const char *const others[] = {"checkpoint.h5",         "checkpoint.h5.previous",
                                       "checkpoint.h5.tmp.",    "checkpoint.h5.tmp.1x",
                                       "mycheckpoint.h5.tmp.1", "notes.tmp.1"};
  mg_run_folder folder;
  cr_assert(mkdir(scratch_path("run"), 0777) == 0);
  char path[256];
  for (size_t k = 0; k < sizeof dead / sizeof *dead; k++) {
    snprintf(path, sizeof path, "run/%s", dead[k]);
    cr_assert(file_write(scratch_path(path), "x", 1));
  }
  for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
    snprintf(path, sizeof path, "run/%s", others[k]);
    cr_assert(file_write(scratch_path(path), "x", 1));
  }
  cr_assert(mg_run_folder_reopen(scratch_path("run"), &folder) == MG_OK);
  for (size_t k = 0; k < sizeof dead / sizeof *dead; k++) {
    snprintf(path, sizeof path, "run/%s", dead[k]);
    cr_assert(!exists(path), "%s", path);
  }
  for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
    snprintf(path, sizeof path, "run/%s", others[k]);
    cr_assert(exists(path), "%s", path);
  }
  mg_run_folder_close(&folder, false);
}
