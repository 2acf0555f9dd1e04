/* Numbers in JSON texts. */
#include "app/json.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A seed may have 16 digits. */
Test(json, whole_numbers_have_all_digits) {
  char *text;
  cJSON *object = cJSON_CreateObject();
  mg_json_add_whole(object, "seed", INT64_C(9007199254740992));
  mg_json_add_whole(object, "change", -INT64_C(1234567890123460));
  cr_assert(mg_json_finish(object, &text) == MG_OK);
  cr_assert(strstr(text, "\"seed\":\t9007199254740992,"), "%s", text);
  cr_assert(strstr(text, "\"change\":\t-1234567890123460\n"), "%s", text);
  free(text);
}
