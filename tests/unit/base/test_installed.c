#include "base/installed.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

Test(installed, path_starts_from_the_programs_folder) {
  char program[4096], path[4096], tail[] = "/../share/mgail/some/file.txt";
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  cr_assert_gt(n, 0);
  program[n] = '\0';
  *strrchr(program, '/') = '\0';
  cr_assert(mg_installed_path("some/file.txt", sizeof path, path));
  cr_assert_eq(strncmp(path, program, strlen(program)), 0);
  cr_assert_str_eq(path + strlen(program), tail);
  cr_assert(mg_installed_path("some/file.txt", strlen(path) + 1, path));
  cr_assert_not(mg_installed_path("some/file.txt", strlen(path), path), "one byte short");
}

Test(installed, only_regular_files_are_files) {
  cr_assert(mg_is_file("/proc/self/exe"), "through a link");
  cr_assert_not(mg_is_file("/proc/self"));
  cr_assert_not(mg_is_file("/nonexistent"));
}
