/* What the tables of commands, options, settings and exit codes say, for who asks by --help: one text
 * for terminals, one page for man and for Markdown, a table for shells that complete words.
 *
 *   mgail COMMAND --help          text, as -h and `mgail help COMMAND`
 *   mgail COMMAND --help=man      mgail-COMMAND(1); without the command mgail(1)
 *   mgail COMMAND --help=markdown the same page in Markdown
 *   mgail --help=completion       what may stand where, of the whole program
 *
 * Nothing here knows a command, an option or a setting by heart, but for which option's values are
 * those of which table (completion.c). Local. */
#ifndef MG_APP_MANUAL_H
#define MG_APP_MANUAL_H

#include "app/commands/command.h"

/* True if --help, --help=FORM or -h stands among the words before "--". */
bool mg_help_asked(int argc, char **argv);

/* The help of a command (Nullable: of the program) in the form that argv [argc] asks for, text if it
 * asks for none. MG_ERR_USAGE for a form that there is not. */
mg_status mg_help_print(const mg_command *command, int argc, char **argv, FILE *to);

/* ---- the forms ---- */

/* argv [argc]: may name the task whose arguments the settings are shown with. */
void mg_help_print_text(const mg_command *command, int argc, char **argv, FILE *to);

void mg_help_print_man(const mg_command *command, FILE *to);
void mg_help_print_markdown(const mg_command *command, FILE *to);

/* Lines of fields between tabs, for mgail.bash and _mgail; KIND as mg_completion_format writes it:
 *
 *   command  NAME  SUMMARY
 *   option   COMMAND  --NAME  KIND  HELP
 *   verb     COMMAND  KIND             what its first word may be
 *   word     COMMAND  KIND             what its others may be
 *   setting  SECTION.KEY  KIND  HELP
 *   task     ID
 *   presets  FOLDER                    of those that came with the program */
void mg_help_print_completion(FILE *to);

/* What is told of the whole program beside its commands: files, signals, environment. An entry
 * without a term is a paragraph. Ends with a heading of NULL; entries of a heading stand together. */
typedef struct mg_manual_topic {
  const char *heading, *term, *text;
} mg_manual_topic;
extern const mg_manual_topic mg_manual_topics[];

#endif
