#include "app/config/config_checksum.h"

#include "base/hash.h"
#include "files/safe_file.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* The first line. */
#define CHECKSUM "# checksum of what follows: "
enum { LINE = sizeof CHECKSUM - 1 + 16 + 1 };

static void format_line(uint64_t hash, char line[LINE + 1]) {
  snprintf(line, LINE + 1, CHECKSUM "%016" PRIx64 "\n", hash);
}

void mg_config_seal(const mg_settings *settings, char text[MG_CONFIG_SEALED_MAX]) {
  char line[LINE + 1];
  format_line(mg_hash_bytes(text + LINE, mg_config_to_text(settings, text + LINE)), line);
  memcpy(text, line, LINE);
}

mg_status mg_config_check_seal(const char *path) {
  int input;
  MG_TRY(mg_safe_open_input(path, &input));
  FILE *file = fdopen(input, "r");
  if (!file) {
    close(input);
    return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  }
  char first[LINE + 1], line[LINE + 1], block[4096];
  const size_t start = fread(first, 1, LINE, file);
  uint64_t hash = MG_HASH_EMPTY;
  bool zeros = memchr(first, '\0', start) != NULL; /* what a file system leaves of lost blocks */
  for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;) {
    hash = mg_hash_more(hash, block, n);
    zeros = zeros || memchr(block, '\0', n);
  }
  fclose(file);
  first[start] = '\0';
  format_line(hash, line);
  const bool sealed = strncmp(first, CHECKSUM, strlen(CHECKSUM)) == 0;
  if (!zeros && (!sealed || strcmp(first, line) == 0)) return MG_OK;
  return mg_fail(MG_ERR_DATA,
                 "%s: damaged or edited: its checksum is not that of its content; expected the "
                 "settings as the run wrote them",
                 path);
}
