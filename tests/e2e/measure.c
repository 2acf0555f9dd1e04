/* measure FILE COMMAND...: runs it, writes to FILE the seconds it took, those of processor time,
 * and the largest memory in kB that it or a process it waited for held, and exits with its code. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(struct timeval t) {
  return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int main(int argc, char **argv) {
  if (argc < 3) return 64;
  double start = now();
  pid_t child = fork();
  if (child == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  int status = 0;
  struct rusage used;
  if (child < 0 || waitpid(child, &status, 0) != child) return 70;
  getrusage(RUSAGE_CHILDREN, &used);
  FILE *file = fopen(argv[1], "w");
  if (!file) return 73;
  fprintf(file, "%.1f %.1f %ld\n", now() - start, seconds(used.ru_utime) + seconds(used.ru_stime),
          used.ru_maxrss);
  fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
