#include "app/json.h"

#include "app/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mg_json_add_whole(cJSON *object, const char *name, int64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%" PRId64, value);
  cJSON_AddRawToObject(object, name, text);
}

cJSON *mg_json_exact(const double *values, int n) {
  cJSON *list = cJSON_CreateArray();
  for (int i = 0; i < n && list; i++) {
    char text[32] = "null";
    if (isfinite(values[i])) mg_number_format(values[i], text);
    cJSON_AddItemToArray(list, cJSON_CreateRaw(text));
  }
  return list;
}

void mg_json_add_summary(cJSON *object, const char *name, const mg_summary *summary) {
  cJSON *s = cJSON_AddObjectToObject(object, name);
  cJSON_AddNumberToObject(s, "mean", summary->mean);
  cJSON_AddNumberToObject(s, "sd", summary->sd);
  cJSON_AddNumberToObject(s, "min", summary->min);
  cJSON_AddNumberToObject(s, "max", summary->max);
}

void mg_json_add_libraries(cJSON *object, const mg_provenance *provenance) {
  cJSON *l = cJSON_AddObjectToObject(object, "libraries");
  cJSON_AddStringToObject(l, "simulator", provenance->simulator);
  cJSON_AddStringToObject(l, "hdf5", provenance->hdf5);
  cJSON_AddStringToObject(l, "blas", provenance->blas);
  cJSON_AddStringToObject(l, "mpi", provenance->mpi);
  cJSON_AddStringToObject(l, "compiler", provenance->compiler);
}

mg_status mg_json_finish(cJSON *object, char **text) {
  char *printed = object ? cJSON_Print(object) : NULL;
  cJSON_Delete(object);
  *text = NULL;
  if (printed) {
    size_t length = strlen(printed);
    *text = malloc(length + 2);
    if (*text) {
      memcpy(*text, printed, length);
      memcpy(*text + length, "\n", 2);
    }
    cJSON_free(printed);
  }
  return *text ? MG_OK : mg_fail(MG_ERR_MEMORY, "out of memory for a JSON text");
}

mg_status mg_json_print(cJSON *object) {
  char *text;
  MG_TRY(mg_json_finish(object, &text));
  fputs(text, stdout);
  free(text);
  return MG_OK;
}
