/* A file system without locks, for a program that is started with this as LD_PRELOAD. */
#include <errno.h>

int flock(int file, int operation) {
    (void)file, (void)operation;
    errno = ENOSYS;
    return -1;
}
