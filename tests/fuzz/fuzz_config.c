/* Configuration files of any bytes. What is accepted reads back to the same. */
#include "app/config/config_table.h"
#include "fuzz_target.h"

#include <stdlib.h>
#include <string.h>

static const char NAME[] = "input.ini";

static void check_same(const mg_settings *settings) {
  static char text[MG_CONFIG_TEXT_MAX], again[MG_CONFIG_TEXT_MAX];
  mg_settings read = mg_config_defaults();
  mg_config_to_text(settings, text);
  mg_status status = mg_config_read_text(NAME, text, &read);
  if (status != MG_OK) fuzz_fail("the dump is refused: %s", mg_status_message());
  mg_config_to_text(&read, again);
  if (strcmp(text, again) != 0) fuzz_fail("the dump reads back to something else");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  mg_settings settings = mg_config_defaults(), before = settings;
  char *text = malloc(size + 1);
  if (!text) fuzz_fail("no memory");
  if (size) memcpy(text, bytes, size);
  text[size] = 0;
  mg_status status = mg_config_read_text(NAME, text, &settings);
  fuzz_check_status(status, NAME);
  if (status == MG_OK)
    check_same(&settings);
  else if (memcmp(&settings, &before, sizeof settings) != 0)
    fuzz_fail("settings were changed by a file that was refused");
  status = mg_config_assign(text, &settings);
  if (status != MG_OK && strlen(mg_status_message()) < 8) fuzz_fail("no sentence");
  free(text);
  return 0;
}
