; The person's PATH: ours is added and taken out again, everything else stays as it is, of whatever
; length (NSIS's own strings end at 1024 characters) and with its %VARIABLES%. And the shortcut's
; identity for the task bar.

!define ENVIRONMENT_WRITE 0x2001F ; KEY_READ | KEY_WRITE
!define TELL_WM_SETTINGCHANGE 0x1A

; Opens the key ($1), and reads PATH: its type ($2), its memory ($4) with room for more. Then a copy
; between semicolons ($5), and where ";$0;" stands in that ($6), or 0.
!macro ReadPath
  System::Call 'advapi32::RegCreateKeyExW(p 0x80000001, w "Environment", i 0, p 0, i 0, \
    i ${ENVIRONMENT_WRITE}, p 0, *p .r1, p 0)'
  StrCpy $2 2 ; REG_EXPAND_SZ, for one that is not there yet
  StrCpy $3 0
  System::Call 'advapi32::RegQueryValueExW(p r1, w "Path", p 0, *i .r7, p 0, *i .r3) i .r8'
  ${If} $8 = 0
    StrCpy $2 $7
  ${Else}
    StrCpy $3 0
  ${EndIf}
  IntOp $9 $3 + 8192
  System::Alloc $9 ; filled with zeros
  Pop $4
  System::Call 'advapi32::RegQueryValueExW(p r1, w "Path", p 0, p 0, p r4, *i r3)'
  System::Alloc $9
  Pop $5
  System::Call 'kernel32::lstrcpyW(p r5, w ";")'
  System::Call 'kernel32::lstrcatW(p r5, p r4)'
  System::Call 'kernel32::lstrcatW(p r5, w ";")'
  System::Call 'shlwapi::StrStrIW(p r5, w ";$0;") p .r6'
!macroend

; Writes the memory $4 as PATH, closes everything, and tells the programs that are running.
!macro WritePath
  System::Call 'kernel32::lstrlenW(p r4) i .r7'
  IntOp $7 $7 * 2
  IntOp $7 $7 + 2
  System::Call 'advapi32::RegSetValueExW(p r1, w "Path", i 0, i r2, p r4, i r7)'
  SendMessage ${HWND_BROADCAST} ${TELL_WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
!macroend

!macro ClosePath
  System::Call 'advapi32::RegCloseKey(p r1)'
  System::Free $4
  System::Free $5
!macroend

Function AddToPath
  Exch $0
  !insertmacro ReadPath
  ${If} $6 P= 0
    System::Call 'kernel32::lstrlenW(p r4) i .r7'
    ${If} $7 > 0
      System::Call 'shlwapi::StrRChrW(p r4, p 0, i 0x3B) p .r8'
      IntOp $7 $7 - 1
      IntOp $7 $7 * 2
      IntPtrOp $9 $4 + $7
      ${If} $8 P<> $9 ; it does not end with a semicolon
        System::Call 'kernel32::lstrcatW(p r4, w ";")'
      ${EndIf}
    ${EndIf}
    System::Call 'kernel32::lstrcatW(p r4, w r0)'
    !insertmacro WritePath
  ${EndIf}
  !insertmacro ClosePath
  Pop $0
FunctionEnd

Function un.RemoveFromPath
  Exch $0
  !insertmacro ReadPath
  ${If} $6 P<> 0
    ; The copy begins one character earlier: there, at this place, stands what precedes ours.
    IntPtrOp $7 $6 - $5
    IntPtrOp $8 $4 + $7
    StrLen $9 $0
    IntOp $9 $9 + 1
    IntOp $9 $9 * 2
    IntPtrOp $9 $6 + $9 ; in the copy: what follows ours, from its semicolon
    System::Call 'kernel32::lstrlenW(p r5) i .r7'
    IntOp $7 $7 - 1
    IntOp $7 $7 * 2
    IntPtrOp $7 $5 + $7
    System::Call '*$7(&i2 0)' ; the semicolon that only the copy ends with
    ${If} $8 P= $4
      System::Call '*$9(&i2 .r7)'
      ${If} $7 <> 0
        IntPtrOp $9 $9 + 2
      ${EndIf}
    ${Else}
      IntPtrOp $8 $8 - 2
    ${EndIf}
    System::Call '*$8(&i2 0)'
    System::Call 'kernel32::lstrcatW(p r4, p r9)'
    System::Call 'kernel32::lstrlenW(p r4) i .r7'
    ${If} $7 > 0
      !insertmacro WritePath
    ${Else}
      DeleteRegValue HKCU "Environment" "Path"
    ${EndIf}
  ${EndIf}
  !insertmacro ClosePath
  Pop $0
FunctionEnd

; Windows groups the window with the shortcut that bears the same id. It does no harm if this fails.
!macro NameShortcut FILE
  !insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r0 ""
  ${If} $0 P<> 0
    ${IUnknown::QueryInterface} $0 '("${IID_IPersistFile}", .r1)'
    ${IUnknown::QueryInterface} $0 '("${IID_IPropertyStore}", .r2)'
    ${If} $1 P<> 0
    ${AndIf} $2 P<> 0
      ${IPersistFile::Load} $1 '("${FILE}", 2)'
      System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID})p.r3'
      System::Call '*(&w64 "${ID}")p.r5'
      System::Call '*${SYSSTRUCT_PROPVARIANT}(${VT_LPWSTR},,r5)p.r4'
      ${IPropertyStore::SetValue} $2 '($3, $4)'
      ${IPropertyStore::Commit} $2 ""
      ${IPersistFile::Save} $1 '("${FILE}", 1)'
      System::Free $3
      System::Free $4
      System::Free $5
    ${EndIf}
    ${IUnknown::Release} $2 ""
    ${IUnknown::Release} $1 ""
    ${IUnknown::Release} $0 ""
  ${EndIf}
!macroend
