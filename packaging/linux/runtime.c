/* The head of an AppImage: an ELF program with a squashfs image behind it (type 2).
 *
 * It mounts the image through FUSE and runs AppRun from it; where there is no FUSE it unpacks the
 * image into a folder of its own, which goes when the program ends. What `.ahead` in the image
 * names is read before the program asks for it. Links libsquashfuse (BSD) and libfuse3 (LGPL-2.1)
 * statically, as Debian builds them, so that a build needs no download. A published AppImage may
 * carry the official runtime instead: see packaging/README.md.
 *
 *   NAME.AppImage [arguments]            run
 *   NAME.AppImage --appimage-extract     unpack to ./squashfs-root
 *   NAME.AppImage --appimage-offset      print where the image begins
 *   NAME.AppImage --appimage-mount       mount, print the folder, wait
 *   APPIMAGE_EXTRACT_AND_RUN=1           never mount
 */

#define _GNU_SOURCE
#include "squashfuse.h"
#include "ll.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK 4096
#define PIECE (128 * 1024)
#define FAILED 127
#define BLOCKS_KEPT 24 /* of 512 KiB */
#define AHEAD (512 * 1024)
#define SHARE (2 * 1024 * 1024) /* what one thread unpacks at a time: files of one block together */
#define MOST_THREADS 4

static char self[PATH_MAX];  /* this file */
static char place[PATH_MAX]; /* where the image is mounted or unpacked */
static size_t image;         /* where it begins in this file */
static pid_t program;        /* what runs from an unpacked image */
static volatile sig_atomic_t stopped; /* the signal that ended the unpacking */

static void die(const char *what)
{
    fprintf(stderr, "AppImage: %s: %s\n", what, strerror(errno));
    exit(FAILED);
}

/* The image follows the section table, on the next block. */
static size_t end_of_program(void)
{
    Elf64_Ehdr head;
    FILE *file = fopen(self, "rb");
    if (!file || fread(&head, sizeof head, 1, file) != 1)
        die("this file cannot be read");
    fclose(file);
    size_t end = head.e_shoff + (size_t)head.e_shentsize * head.e_shnum;
    return (end + BLOCK - 1) / BLOCK * BLOCK;
}

/* --- Unpacking */

static atomic_uint next_share;

static int unpack_file(sqfs *fs, sqfs_inode *inode, const char *path)
{
    char piece[PIECE];
    int to = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, inode->base.mode & 0777);
    if (to < 0)
        return -1;
    uint64_t at = 0, size = inode->xtra.reg.file_size;
    while (at < size && !stopped) {
        sqfs_off_t count = sizeof piece;
        if (sqfs_read_range(fs, inode, at, &count, piece) || count <= 0)
            break;
        ssize_t done = 0, more = 0;
        for (; done < count && (more = write(to, piece + done, count - done)) > 0; done += more)
            ;
        if (done < count)
            break;
        at += count;
    }
    int wrong = at < size;
    if (close(to))
        wrong = 1;
    return wrong ? -1 : 0;
}

/* Folders and links; files are for `unpack_files`. */
static int make_entry(sqfs *fs, sqfs_inode *inode, const char *path)
{
    char target[PATH_MAX];
    size_t size = sizeof target;
    if (S_ISDIR(inode->base.mode))
        return mkdir(path, 0755);
    if (S_ISLNK(inode->base.mode))
        return sqfs_readlink(fs, inode, target, &size) ? -1 : symlink(target, path);
    return 0;
}

/* Goes through the image: its folders and links, or those of its files that nobody else has taken.
 * Every thread counts bytes in the same order, so a share is the same to all. */
static int walk_image(const char *root, int files)
{
    sqfs fs;
    sqfs_fd_t file;
    sqfs_traverse walk;
    sqfs_err wrong = SQFS_OK;
    uint64_t bytes = 0;
    unsigned mine = files ? atomic_fetch_add(&next_share, 1) : 0;
    if (sqfs_fd_open(self, &file, true) || sqfs_init(&fs, file, image))
        return -1;
    if (sqfs_traverse_open(&walk, &fs, sqfs_inode_root(&fs)))
        return -1;
    while (sqfs_traverse_next(&walk, &wrong)) {
        char path[PATH_MAX];
        sqfs_inode inode;
        if (walk.dir_end)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", root, walk.path) >= (int)sizeof path)
            return -1;
        if (sqfs_inode_get(&fs, &inode, sqfs_dentry_inode(&walk.entry)))
            return -1;
        if (!files && make_entry(&fs, &inode, path))
            return -1;
        if (!files || !S_ISREG(inode.base.mode))
            continue;
        unsigned share = bytes / SHARE;
        bytes += inode.xtra.reg.file_size;
        while (mine < share)
            mine = atomic_fetch_add(&next_share, 1);
        if (mine == share && unpack_file(&fs, &inode, path))
            return -1;
    }
    sqfs_traverse_close(&walk);
    sqfs_fd_close(file);
    return wrong ? -1 : 0;
}

static void *unpack_files(void *root)
{
    errno = 0;
    return walk_image(root, 1) ? (void *)(intptr_t)(errno ? errno : EIO) : NULL;
}

/* All of the image into `root`, which must be there and empty. */
static int unpack(char *root)
{
    if (walk_image(root, 0))
        return -1;
    pthread_t others[MOST_THREADS];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int count = 0;
    while (count < MOST_THREADS - 1 && count < cores - 1 &&
           !pthread_create(&others[count], NULL, unpack_files, root))
        count++;
    void *wrong = unpack_files(root);
    while (count > 0) {
        void *also = NULL;
        pthread_join(others[--count], &also);
        wrong = wrong ? wrong : also;
    }
    errno = (intptr_t)wrong;
    return wrong ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static void remove_place(void)
{
    nftw(place, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

/* --- Mounting */

static sqfs_ll_chan channel;
static int life; /* at its end when the program and all its children are gone */

/* By way of the mount itself, so that it is the kernel that keeps what was read. */
static void *read_ahead(void *nothing)
{
    static char piece[AHEAD];
    char path[2 * PATH_MAX], name[PATH_MAX];
    snprintf(path, sizeof path, "%s/.ahead", place);
    FILE *names = fopen(path, "re");
    while (names && fgets(name, sizeof name, names)) {
        name[strcspn(name, "\n")] = 0;
        snprintf(path, sizeof path, "%s/%s", place, name);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        while (file >= 0 && read(file, piece, sizeof piece) > 0)
            ;
        if (file >= 0)
            close(file);
    }
    if (names)
        fclose(names);
    return nothing;
}

static void *wait_for_the_end(void *nothing)
{
    char byte;
    while (read(life, &byte, 1) < 0 && errno == EINTR)
        ;
    sqfs_ll_unmount(&channel, place); /* fusermount may look at it: it is still served */
    rmdir(place);
    _exit(0);
    return nothing;
}

/* In a process of its own: serve the image until the program has ended. */
static int serve(int ready)
{
    struct fuse_lowlevel_ops operations = {
        .getattr = sqfs_ll_op_getattr,
        .opendir = sqfs_ll_op_opendir,
        .releasedir = sqfs_ll_op_releasedir,
        .readdir = sqfs_ll_op_readdir,
        .lookup = sqfs_ll_op_lookup,
        .open = sqfs_ll_op_open,
        .create = sqfs_ll_op_create,
        .release = sqfs_ll_op_release,
        .read = sqfs_ll_op_read,
        .readlink = sqfs_ll_op_readlink,
        .listxattr = sqfs_ll_op_listxattr,
        .getxattr = sqfs_ll_op_getxattr,
        .forget = sqfs_ll_op_forget,
        .statfs = stfs_ll_op_statfs,
    };
    struct fuse_args words = FUSE_ARGS_INIT(0, NULL);
    fuse_opt_add_arg(&words, "appimage");
    fuse_opt_add_arg(&words, "-oro,nosuid,nodev,fsname=AppImage,subtype=appimage");
    sqfs_ll *opened = sqfs_ll_open(self, image);
    if (!opened)
        return 1;
    /* squashfuse keeps one block; a program that starts reads from many libraries in turn. */
    sqfs_cache_destroy(&opened->fs.data_cache);
    if (sqfs_block_cache_init(&opened->fs.data_cache, BLOCKS_KEPT))
        return 1;
    if (sqfs_ll_mount(&channel, place, &words, &operations, sizeof operations, opened))
        return 1;
    setsid();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    if (write(ready, "!", 1) != 1)
        return 1;
    close(ready);
    pthread_t end, ahead;
    if (pthread_create(&end, NULL, wait_for_the_end, NULL))
        return 1;
    pthread_create(&ahead, NULL, read_ahead, NULL);
    fuse_session_loop(channel.session);
    pthread_join(end, NULL); /* it ends the process, when the folder is gone */
    return 0;
}

/* Returns whether `place` holds the image now. One end of a pipe stays open in this process and in
 * all that it becomes: its closing is the end of the mount. */
static int mount_image(void)
{
    int ready[2], alive[2];
    if (pipe2(ready, O_CLOEXEC) || pipe(alive))
        die("no pipe");
    pid_t server = fork();
    if (server < 0)
        die("no process");
    if (server == 0) {
        int said = open("/dev/null", O_WRONLY);
        if (said >= 0)
            dup2(said, STDERR_FILENO); /* what FUSE says is said in words below */
        close(ready[0]);
        close(alive[1]);
        life = alive[0];
        _exit(serve(ready[1]));
    }
    close(ready[1]);
    close(alive[0]);
    char answer = 0;
    int mounted = read(ready[0], &answer, 1) == 1;
    close(ready[0]);
    if (!mounted) {
        close(alive[1]);
        waitpid(server, NULL, 0);
    }
    return mounted;
}

/* --- Running */

static void become(char **words)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/AppRun", place);
    setenv("APPDIR", place, 1);
    execv(path, words);
    fprintf(stderr, "AppImage: nothing can be started from %s: %s.", place, strerror(errno));
    fputs(" TMPDIR may name another folder.\n", stderr);
    _exit(FAILED);
}

static void pass_on(int number)
{
    kill(program, number);
}

static void stop(int number)
{
    stopped = number;
}

/* A terminal's Ctrl+C goes to the program by itself. What nohup wants ignored stays so. */
static void on_signals(void (*interrupted)(int), void (*ended)(int))
{
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++)
        if (signal(numbers[i], i ? ended : interrupted) == SIG_IGN)
            signal(numbers[i], SIG_IGN);
}

static int run_and_remove(char **words)
{
    sigset_t ends, before;
    sigfillset(&ends);
    sigprocmask(SIG_BLOCK, &ends, &before); /* until it is known who they go to */
    on_signals(SIG_DFL, SIG_DFL);
    program = fork();
    if (program == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        become(words);
    }
    on_signals(SIG_IGN, pass_on);
    sigprocmask(SIG_SETMASK, &before, NULL);
    int status = 0;
    while (waitpid(program, &status, 0) < 0 && errno == EINTR)
        ;
    remove_place();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int make_place_in(const char *folder)
{
    return folder && *folder &&
           snprintf(place, sizeof place, "%s/.mount_XXXXXX", folder) < (int)sizeof place &&
           mkdtemp(place);
}

static void make_place(void)
{
    if (!make_place_in(getenv("TMPDIR")) && !make_place_in("/tmp"))
        die("no temporary folder");
}

int main(int count, char **words)
{
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        die("this file cannot be found");
    self[length] = 0;
    image = end_of_program();
    const char *first = count > 1 ? words[1] : "";
    setenv("APPIMAGE", self, 1);
    setenv("ARGV0", words[0], 1);
    if (!strcmp(first, "--appimage-offset")) {
        printf("%zu\n", image);
        return 0;
    }
    if (!strcmp(first, "--appimage-extract")) {
        if (mkdir("squashfs-root", 0755) || unpack("squashfs-root"))
            die("squashfs-root cannot be written");
        puts("squashfs-root");
        return 0;
    }
    make_place();
    if (!getenv("APPIMAGE_EXTRACT_AND_RUN") && mount_image()) {
        if (!strcmp(first, "--appimage-mount")) {
            puts(place);
            fflush(stdout);
            for (;;)
                pause();
        }
        become(words);
    }
    if (!strcmp(first, "--appimage-mount")) {
        rmdir(place);
        fputs("AppImage: there is no FUSE here\n", stderr);
        return FAILED;
    }
    on_signals(stop, stop);
    if (unpack(place) || stopped) {
        int why = errno;
        remove_place();
        if (stopped)
            return 128 + stopped;
        errno = why;
        die("the image cannot be unpacked (is there room in the temporary folder, TMPDIR?)");
    }
    return run_and_remove(words);
}
