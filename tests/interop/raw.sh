#!/bin/sh
# The bytes themselves, as curl sees them: headers, quoting, line ends, JSON types.
# Facts from real servers' answers; each line says what is expected.
set -eu
fail=0
check() { # name, expected, found
  if [ "$2" = "$3" ]; then echo "ok   $1"; else
    echo "FAIL $1"; echo "  expected: $2"; echo "  found:    $3"; fail=1
  fi
}
call() { curl -s --noproxy '*' "$CAPSCOPE_URL" -d "token=$CAPSCOPE_BREATHE_TOKEN" "$@"; }
head_of() { curl -s --noproxy '*' -D - -o /dev/null "$CAPSCOPE_URL" -d "token=$CAPSCOPE_BREATHE_TOKEN" "$@" | tr -d '\r'; }
status() { curl -s --noproxy '*' -o /dev/null -w '%{http_code}' "$CAPSCOPE_URL" "$@"; }

check "version is plain text" "16.1.3" "$(call -d content=version)"
check "JSON content type" "application/json; charset=utf-8" \
  "$(head_of -d content=project -d format=json | sed -n 's/^content-type: //Ip')"
check "CSV content type" "text/csv; charset=utf-8" \
  "$(head_of -d content=instrument -d format=csv | sed -n 's/^content-type: //Ip')"
check "nothing is cached" "no-cache" "$(head_of -d content=version | sed -n 's/^pragma: //Ip')"
check "CSV header is not quoted, a value with a space is" \
  'instrument_name,instrument_label
demographics,Demographics
visit,Visit
ae_log,"Adverse Event Log"
phq9,PHQ-9
moca,MoCA' "$(call -d content=instrument -d format=csv)"
check "lines end in LF only" "0" "$(call -d content=instrument -d format=csv | tr -cd '\r' | wc -c | tr -d ' ')"
check "arm_num is a number in JSON" '[{"arm_num":1,' "$(call -d content=arm -d format=json | cut -c1-14)"
check "one field, as a real array" 'study_id,redcap_event_name' \
  "$(call -d content=record -d format=csv -d 'fields[0]=study_id' -d 'records[0]=001' | head -1 | cut -d, -f1,2)"
check "a comma list, as R clients send it" 'study_id' \
  "$(call -d content=record -d format=csv -d 'fields=study_id,sex' | head -1 | cut -d, -f1)"
check "R's TRUE" 'redcap_data_access_group' \
  "$(call -d content=record -d format=csv -d fields=study_id -d exportDataAccessGroups=TRUE | head -1 | tr , '\n' | grep group)"
check "a wrong token, as CSV" 'ERROR: You do not have permissions to use the API' \
  "$(curl -s --noproxy '*' "$CAPSCOPE_URL" -d token=00000000000000000000000000000000 -d content=version -d format=csv)"
check "a wrong token, as JSON" '{"error":"You do not have permissions to use the API"}' \
  "$(curl -s --noproxy '*' "$CAPSCOPE_URL" -d token=00000000000000000000000000000000 -d content=version -d format=json)"
check "a wrong token is 403" 403 "$(status -d token=00000000000000000000000000000000 -d content=version)"
check "XML is the default, errors too" \
  '<?xml version="1.0" encoding="UTF-8" ?><hash><error>You do not have permissions to use the API</error></hash>' \
  "$(curl -s --noproxy '*' "$CAPSCOPE_URL" -d token=00000000000000000000000000000000 -d content=version)"
check "an unknown content" '{"error":"The value of the parameter \"content\" is not valid"}' \
  "$(call -d content=nothing -d format=json)"
check "multipart is accepted everywhere" "16.1.3" \
  "$(curl -s --noproxy '*' "$CAPSCOPE_URL" -F "token=$CAPSCOPE_BREATHE_TOKEN" -F content=version)"
check "an empty export is one line end" "1" \
  "$(call -d content=record -d format=csv -d 'records[0]=nobody' | wc -c | tr -d ' ')"
check "an empty JSON export" "[]" "$(call -d content=record -d format=json -d 'records[0]=nobody')"
exit $fail
