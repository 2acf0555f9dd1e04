/* What may stand where, for shells that complete words: from the options' and settings' tables. */
#ifndef MG_APP_MANUAL_COMPLETION_H
#define MG_APP_MANUAL_COMPLETION_H

#include "app/config/config_table.h"
#include "app/options.h"
#include "base/named.h"

/* One list: kinds, as the scripts call them. */
#define MG_COMPLETE_LIST(X)                                                                        \
  X(MG_COMPLETE_FLAG, "flag")   /* an option without a value */                                    \
  X(MG_COMPLETE_TEXT, "text")   /* anything */                                                     \
  X(MG_COMPLETE_WORDS, "words") /* one of some words */                                            \
  X(MG_COMPLETE_FILE, "file")   /* or a folder */                                                  \
  X(MG_COMPLETE_FOLDER, "folder")                                                                  \
  X(MG_COMPLETE_PRESET, "preset") /* a settings file, or one that came with the program */         \
  X(MG_COMPLETE_TASK, "task")                                                                      \
  X(MG_COMPLETE_SETTING, "setting") /* SECTION.KEY=VALUE */

typedef enum mg_complete { MG_COMPLETE_LIST(MG_NAMED_ENUM) } mg_complete;

typedef struct mg_completion {
  mg_complete kind;
  char words[256]; /* of MG_COMPLETE_WORDS, between commas */
} mg_completion;

mg_completion mg_complete_option(const mg_option *option);
mg_completion mg_complete_setting(const mg_config_row *row);

/* What a command takes beside options, written as a value in a usage: "RUN|FILE", "run|status".
 * Nullable: nothing. */
mg_completion mg_complete_usage(const char *usage);

/* "file", "task", ..., or "=raw,average" for words. */
void mg_completion_format(const mg_completion *completion, char text[sizeof(mg_completion)]);

#endif
