/* made sample: no payload */const _0x112fa8=_0x180f;(function(){return 0})();
