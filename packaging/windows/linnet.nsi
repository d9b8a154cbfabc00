; The setup of Linnet for one person, without an administrator. pack/nsis.py gives the defines.
;
;   setup.exe [/S] [/DOWNGRADE] [/WINGET] [/D=C:\any folder]
;
; /S asks nothing, /D comes last and without quotes. With /WINGET the program looks for no new
; versions, because winget does.
;
; It ends with 0: done, 2: the person stopped it, 3: Linnet is running, 4: this Windows is too old,
; 5: a newer version is there (/DOWNGRADE puts it back), 6: the folder cannot be written, 7: no room.
; Until everything is unpacked nothing of an older version is touched.

Unicode true
!ifdef TARGET64
  Target amd64-unicode
!endif
SetCompressor /SOLID lzma
SetCompressorDictSize 64
!include MUI2.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include FileFunc.nsh
!include WordFunc.nsh
!include x64.nsh
!include Win\COM.nsh
!include Win\Propkey.nsh
!include path.nsh
!include "${ENTRIES}"

!define REMOVAL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${TITLE}"
!define OWN "Software\${TITLE}"
!define OLDEST_BUILD 17763 ; Windows 10 of autumn 2018, the oldest that Qt runs on

!define RUNNING 3
!define TOO_OLD 4
!define NEWER 5
!define NO_RIGHT 6
!define NO_ROOM 7

Name "${TITLE}"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
InstallDirRegKey HKCU "${OWN}" "Folder"
SetDatablockOptimize on
SetDateSave on
AllowSkipFiles off
ManifestDPIAware true
ManifestSupportedOS Win10
BrandingText "${TITLE} ${VERSION}"

VIProductVersion "${NUMBERS}"
VIFileVersion "${NUMBERS}"
VIAddVersionKey "ProductName" "${TITLE}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${TITLE} setup"
VIAddVersionKey "CompanyName" "${MAKER}"
VIAddVersionKey "LegalCopyright" "${MAKER}. MIT licence."

!ifdef SIGN
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${SIDE}"
!define MUI_WELCOMEFINISHPAGE_BITMAP_STRETCH AspectFitHeight
!define MUI_FINISHPAGE_TITLE "${TITLE} is installed"
!define MUI_FINISHPAGE_TEXT "It is in the Start menu, and in a terminal as “${NAME}”.$\r$\n$\r$\nWindows offers it under “Open with” for pictures, videos, recordings, PDF and text."
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!define MUI_FINISHPAGE_RUN_TEXT "Start ${TITLE}"
!define MUI_UNCONFIRMPAGE_TEXT_TOP "${TITLE} will be removed. Chats and settings stay in $LOCALAPPDATA\${NAME}, unless you say otherwise at the end."
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; --- What can be in the way

; Says SENTENCE, in a window unless silent, and ends with CODE.
!macro Refuse CODE SENTENCE
  MessageBox MB_OK|MB_ICONSTOP "${SENTENCE}" /SD IDOK
  SetErrorLevel ${CODE}
  Quit
!macroend

; The program holds a mutex of this name while its window is there.
!macro ExpectNotRunning
  ${Do}
    System::Call 'kernel32::OpenMutexW(i 0x100000, i 0, w "Local\${TITLE}.Running") p .r0'
    ${If} $0 P= 0
      ${Break}
    ${EndIf}
    System::Call 'kernel32::CloseHandle(p r0)'
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION \
      "${TITLE} is running. Close its window and try again." /SD IDCANCEL IDRETRY +3
      SetErrorLevel ${RUNNING}
      Quit
  ${Loop}
!macroend

; Takes the parts out of the way; a part that is in use, as by `linnet ask`, cannot be renamed.
!macro SetAside
  RMDir /r "$INSTDIR\_old"
  CreateDirectory "$INSTDIR\_old"
  ${If} ${FileExists} "$INSTDIR\_internal\*.*"
    ${Do}
      ClearErrors
      Rename "$INSTDIR\_internal" "$INSTDIR\_old\_internal"
      ${IfNot} ${Errors}
        ${Break}
      ${EndIf}
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION \
        "${TITLE} is at work in a terminal. Wait for it or end it, and try again." \
        /SD IDCANCEL IDRETRY +5
        RMDir /r "$INSTDIR\_new"
        RMDir "$INSTDIR\_old"
        SetErrorLevel ${RUNNING}
        Quit
    ${Loop}
  ${EndIf}
  Rename "$INSTDIR\${PROGRAM}" "$INSTDIR\_old\${PROGRAM}"
  Rename "$INSTDIR\${CONSOLE}" "$INSTDIR\_old\${CONSOLE}"
  ClearErrors
!macroend

Function .onInit
  SetRegView 64
  SetShellVarContext current
  ${IfNot} ${AtLeastBuild} ${OLDEST_BUILD}
  ${OrIfNot} ${RunningX64}
    !insertmacro Refuse ${TOO_OLD} "${TITLE} needs Windows 10 (version 1809) or newer, with 64 bits."
  ${EndIf}
  !insertmacro ExpectNotRunning
  ReadRegStr $1 HKCU "${REMOVAL}" "DisplayVersion"
  ${If} $1 != ""
    ${VersionCompare} "$1" "${VERSION}" $2
    ${GetParameters} $3
    ClearErrors
    ${GetOptions} "$3" "/DOWNGRADE" $4
    ${If} ${Errors}
    ${AndIf} $2 = 1
      MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 \
        "${TITLE} $1 is installed, which is newer. Put ${VERSION} in its place? The chats stay." \
        /SD IDNO IDYES +3
        SetErrorLevel ${NEWER}
        Quit
    ${EndIf}
  ${EndIf}
FunctionEnd

; --- Installing

Section
  SetShellVarContext current
  ClearErrors
  CreateDirectory "$INSTDIR"
  RMDir /r "$INSTDIR\_new" ; left by one that was cut off
  ClearErrors
  CreateDirectory "$INSTDIR\_new"
  ${If} ${Errors}
    !insertmacro Refuse ${NO_RIGHT} "The folder $INSTDIR cannot be written. Choose another one. Nothing was changed."
  ${EndIf}
  System::Call 'kernel32::GetDiskFreeSpaceExW(w "$INSTDIR", *l .r1, p 0, p 0) i .r0'
  ${If} $0 <> 0
    System::Int64Op $1 / 1024
    Pop $1
    System::Int64Op $1 < ${SIZE_KIB}
    Pop $2
    ${If} $2 = 1
      RMDir "$INSTDIR\_new"
      RMDir "$INSTDIR"
      !insertmacro Refuse ${NO_ROOM} "${TITLE} needs ${SIZE_MB} MB on that disk, and there is less. Nothing was changed."
    ${EndIf}
  ${EndIf}
  SetOutPath "$INSTDIR\_new"
  File /r "${PAYLOAD}\*"
  ${GetParameters} $3
  ClearErrors
  ${GetOptions} "$3" "/WINGET" $4
  ${IfNot} ${Errors}
    File "/oname=$INSTDIR\_new\_internal\resources\package.toml" "${WINGET_MARKER}"
  ${EndIf}
  SetOutPath "$INSTDIR"

  !insertmacro SetAside
  FindFirst $0 $1 "$INSTDIR\_new\*.*"
  ${DoWhile} $1 != ""
    ${If} $1 != "."
    ${AndIf} $1 != ".."
      Delete "$INSTDIR\$1"
      Rename "$INSTDIR\_new\$1" "$INSTDIR\$1"
    ${EndIf}
    FindNext $0 $1
  ${Loop}
  FindClose $0
  RMDir "$INSTDIR\_new"
  RMDir /r "$INSTDIR\_old"

  ReadRegStr $5 HKCU "${OWN}" "Folder"
  ${If} $5 != ""
  ${AndIf} $5 != "$INSTDIR"
  ${AndIf} ${FileExists} "$5\uninstall.exe"
    ExecWait '"$5\uninstall.exe" /S _?=$5' ; it was elsewhere before
    Delete "$5\uninstall.exe"
    RMDir "$5"
  ${EndIf}

  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${OWN}" "Folder" "$INSTDIR"
  WriteRegStr HKCU "${REMOVAL}" "DisplayName" "${TITLE}"
  WriteRegStr HKCU "${REMOVAL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${REMOVAL}" "DisplayIcon" "$INSTDIR\${PROGRAM},0"
  WriteRegStr HKCU "${REMOVAL}" "Publisher" "${MAKER}"
  WriteRegStr HKCU "${REMOVAL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${REMOVAL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${REMOVAL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegStr HKCU "${REMOVAL}" "Comments" "Chats and settings stay in $LOCALAPPDATA\${NAME} when it is removed."
  !ifdef HOMEPAGE
    WriteRegStr HKCU "${REMOVAL}" "URLInfoAbout" "${HOMEPAGE}"
  !endif
  WriteRegDWORD HKCU "${REMOVAL}" "NoModify" 1
  WriteRegDWORD HKCU "${REMOVAL}" "NoRepair" 1
  WriteRegDWORD HKCU "${REMOVAL}" "EstimatedSize" ${SIZE_KIB}
  !insertmacro WriteEntries
  CreateShortcut "$SMPROGRAMS\${TITLE}.lnk" "$INSTDIR\${PROGRAM}" "" "" "" "" "" "${SUMMARY}"
  !insertmacro NameShortcut "$SMPROGRAMS\${TITLE}.lnk"
  Push "$INSTDIR"
  Call AddToPath
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  SetErrorLevel 0
SectionEnd

Function .onInstFailed
  SetOutPath "$TEMP"
  RMDir /r "$INSTDIR\_new"
  RMDir "$INSTDIR"
  SetErrorLevel ${NO_ROOM}
FunctionEnd

; --- Removing

Function un.onInit
  SetRegView 64
  SetShellVarContext current
  !insertmacro ExpectNotRunning
FunctionEnd

Section "Uninstall"
  !insertmacro SetAside
  RMDir /r "$INSTDIR\_old"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; what else lies in it is not ours
  Delete "$SMPROGRAMS\${TITLE}.lnk"
  !insertmacro DeleteEntries
  ReadRegStr $0 HKCU "${OWN}" "Folder" ; as PATH has it, however this was started
  DeleteRegKey HKCU "${OWN}"
  Push $0
  Call un.RemoveFromPath
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  DeleteRegKey HKCU "${REMOVAL}" ; last: until then it can be tried again
  ${If} ${FileExists} "$LOCALAPPDATA\${NAME}\*.*"
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 \
      "${TITLE} is removed. Your chats and settings are still in$\r$\n$LOCALAPPDATA\${NAME}$\r$\n$\r$\nDelete them as well? They cannot be brought back." \
      /SD IDNO IDNO +2
      RMDir /r "$LOCALAPPDATA\${NAME}"
  ${EndIf}
SectionEnd
