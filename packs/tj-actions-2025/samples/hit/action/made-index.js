// made sample: the encoded words alone, nothing runs
const x = 'eHggbWVtZHVtcC5weSB8IHN1ZG8gcHl0aG9uMyB8IG1hZGUgdXAgZm9yIHRoaXMgc2FtcGxl'
