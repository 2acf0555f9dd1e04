/* A checksum by which people can tell whether a file is the one that it was. */
#ifndef MG_FILES_FILE_CHECKSUM_H
#define MG_FILES_FILE_CHECKSUM_H

#include <stdbool.h>

/* text <- "crc32:89abcdef" (as zlib computes it); false and "" where the file cannot be read. */
bool mg_file_checksum(const char *path, char text[32]);

#endif
