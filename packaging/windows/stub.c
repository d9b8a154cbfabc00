/* Stands in for the frozen programs where only their installers are tried (pack/windows_trial.py).

   It notes what it was called with, and --hold holds the mutex of a running window until a file
   `release` lies beside the notes. Nothing of it is ever shipped. */

#include <stdio.h>
#include <wchar.h>
#include <windows.h>

static const wchar_t *const MUTEX = L"Local\\Linnet.Running";

static void put(const wchar_t *text, FILE *where)
{
    char bytes[32768];
    WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL);
    fprintf(where, "%s\n", bytes);
    fflush(where);
}

int main(void)
{
    wchar_t folder[MAX_PATH], path[MAX_PATH + 16];
    int count = 0;
    wchar_t **words = CommandLineToArgvW(GetCommandLineW(), &count);
    GetEnvironmentVariableW(L"LINNET_NOTES", folder, MAX_PATH);
    _snwprintf(path, MAX_PATH + 16, L"%ls\\notes.txt", folder);
    FILE *notes = _wfopen(path, L"ab");
    for (int index = 0; index < count; index++) {
        put(words[index], stdout);
        if (notes)
            put(words[index], notes);
    }
    if (notes)
        fclose(notes);
    if (count > 1 && !wcscmp(words[1], L"--hold")) {
        HANDLE mutex = CreateMutexW(NULL, FALSE, MUTEX);
        _snwprintf(path, MAX_PATH + 16, L"%ls\\release", folder);
        while (mutex && GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES)
            Sleep(50);
    }
    return 0;
}
