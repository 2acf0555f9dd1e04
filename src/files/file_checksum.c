#include "files/file_checksum.h"

#include "files/safe_file.h"

#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

bool mg_file_checksum(const char *path, char text[32]) {
  int file;
  text[0] = '\0';
  if (mg_safe_open_input(path, &file) != MG_OK) return false;
  unsigned char block[65536];
  uLong sum = crc32(0, NULL, 0);
  ssize_t got;
  while ((got = read(file, block, sizeof block)) > 0) sum = crc32(sum, block, (uInt)got);
  close(file);
  if (got == 0) snprintf(text, 32, "crc32:%08lx", sum);
  return got == 0;
}
