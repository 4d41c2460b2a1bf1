/*
 * Runs commands one after the other on one processor and prints what they took together:
 *
 *     measure CPU COMMAND [ARGUMENT...] [--then COMMAND [ARGUMENT...]]...
 *     -> wall_ns cpu_ns peak_kib voluntary_switches
 *
 * A program of its own, because a process inherits the peak memory of the one that started it: the peak of a command
 * started by a Python script is never less than the script's.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t nanoseconds(struct timeval t) { return t.tv_sec * 1000000000LL + t.tv_usec * 1000LL; }

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: measure CPU COMMAND... [--then COMMAND...]\n");
        return 2;
    }
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(atoi(argv[1]), &cpus);
    if (sched_setaffinity(0, sizeof cpus, &cpus) != 0) {
        perror("measure: sched_setaffinity");
        return 2;
    }
    int64_t wall = 0, cpu = 0;
    long peak = 0, switches = 0;
    for (char **command = argv + 2; command < argv + argc;) {
        char **end = command;
        while (*end != NULL && strcmp(*end, "--then") != 0)
            end++;
        *end = NULL;
        int64_t start = now();
        pid_t child = fork();
        if (child == 0) {
            /* Standard output carries the measurement. */
            dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
            execvp(command[0], command);
            perror(command[0]);
            _exit(127);
        }
        int status;
        struct rusage usage;
        if (child < 0 || wait4(child, &status, 0, &usage) != child) {
            perror("measure");
            return 2;
        }
        wall += now() - start;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            fprintf(stderr, "measure: %s ended with %s %d\n", command[0], WIFEXITED(status) ? "exit code" : "signal",
                    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
            return 1;
        }
        cpu += nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
        peak = usage.ru_maxrss > peak ? usage.ru_maxrss : peak;
        switches += usage.ru_nvcsw;
        command = end + 1;
    }
    printf("%lld %lld %ld %ld\n", (long long)wall, (long long)cpu, peak, switches);
    return 0;
}
