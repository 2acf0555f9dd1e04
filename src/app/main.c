/* mgail: finds the command, starts the ranks, says what went wrong, exits with its code. */
#include "app/commands/command.h"
#include "app/manual/manual.h"
#include "app/run/provenance.h"
#include "app/run/signals.h"
#include "base/timer.h"
#include "math/blas.h"
#include "mgail_version.h"
#ifdef MGAIL_WITH_MPI
#include "mpi/comm_mpi.h"
#endif

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void print_version(void) {
  mg_provenance p = mg_provenance_get();
  printf("%s (%s)\n%s\n%s\n%s\n%s\ncompiled by %s\n", p.program, p.git, p.simulator, p.hdf5, p.blas,
         p.mpi, p.compiler);
}

/* Where an earlier write met the closed pipe, its errno is lost by the time of the flush. */
static bool reader_is_gone(void) {
  struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
  return poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP));
}

/* Results that could not be written are a failure; a reader who has seen enough is not. */
static mg_status flush_output(void) {
  errno = 0;
  if (fflush(stdout) == 0 && !ferror(stdout)) return MG_OK;
  if (errno == EPIPE || reader_is_gone()) return MG_OK;
  return mg_fail(MG_ERR_IO, "standard output: %s", errno ? strerror(errno) : "a write failed");
}

static void print_failure(mg_app *app, mg_status status) {
  if (status == MG_OK || app->comm->rank != 0) return;
  bool stopped = status == MG_ERR_STOPPED;
  mg_log_line(&app->log, "mgail: %s%s", stopped ? "" : "error: ", mg_status_message());
}

static mg_status run_command(const mg_command *command, mg_app *app, int argc, char **argv) {
  mg_args args;
  mg_option options[MG_COMMAND_OPTIONS_MAX];
  mg_command_options(command, options);
  MG_TRY(mg_args_parse(command->name, options, command->files, argc, argv, &args));
  mg_status status = command->run(app, &args);
  /* Rank 0 alone writes results, so its status is the one that can differ here. */
  if (command->parallel) status = mg_comm_agree(app->comm, status);
  mg_status flushed = flush_output();
  return status != MG_OK ? status : flushed;
}

static int run(const mg_command *command, int argc, char **argv) {
  mg_comm self = mg_comm_self();
  mg_app app = {.comm = &self, .started = mg_timer_now(), .log = mg_log_open(stderr, 0)};
  mg_status status = MG_OK;
  if (command->stops) mg_signals_install(); /* before MPI, whose start takes a while */
#ifdef MGAIL_WITH_MPI
  mg_comm *world = NULL;
  if (command->parallel) {
    status = mg_comm_mpi_create(&argc, &argv, &world);
    if (status == MG_OK) {
      app.comm = world;
      app.log = mg_log_open(stderr, world->rank);
    }
  }
#endif
  mg_blas_init();
  if (status == MG_OK && command->parallel) status = mg_comm_agree(app.comm, mg_blas_reserve());
  if (status == MG_OK) status = run_command(command, &app, argc - 2, argv + 2);
  print_failure(&app, status);
#ifdef MGAIL_WITH_MPI
  mg_comm_mpi_destroy(world);
#endif
  return status == MG_OK && app.difference ? 1 : mg_status_exit_code(status);
}

/* Under a launcher, what is not parallel is done by the process of rank 0; the others have nothing
 * to do and end well, without MPI. */
static bool is_copy(void) {
#ifdef MGAIL_WITH_MPI
  return mg_comm_mpi_launched_rank() > 0;
#else
  return false;
#endif
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN); /* over a limit: the write fails, and its error is told */
  if (argc < 2) {
    if (is_copy()) return 0;
    mg_help_print_text(NULL, 0, NULL, stderr);
    return mg_status_exit_code(MG_ERR_USAGE);
  }
  const bool help_first = strcmp(argv[1], "help") == 0; /* mgail help [COMMAND] */
  const char *name = argv[help_first && argc > 2 ? 2 : 1];
  const bool asks_help = help_first || mg_help_asked(argc - 1, argv + 1);
  const bool asks_version = mg_args_ask("--version", "-V", argc - 1, argv + 1);
  const mg_command *command = NULL;
  mg_status status = MG_OK;
  if (*name != '-' && strcmp(name, "help") != 0) status = mg_command_find(name, &command);
  if (asks_help || asks_version || !command || !command->parallel) {
    if (is_copy()) return 0;
  }
  if (status == MG_OK && asks_help) status = mg_help_print(command, argc - 1, argv + 1, stdout);
  if (status != MG_OK) {
    fprintf(stderr, "mgail: error: %s\n", mg_status_message());
    return mg_status_exit_code(status);
  }
  if (asks_help) return mg_status_exit_code(flush_output());
  if (asks_version) {
    print_version();
    return mg_status_exit_code(flush_output());
  }
  if (!command) {
    fprintf(stderr, "mgail: error: unknown option %s before the command; mgail --help\n", argv[1]);
    return mg_status_exit_code(MG_ERR_USAGE);
  }
  return run(command, argc, argv);
}
