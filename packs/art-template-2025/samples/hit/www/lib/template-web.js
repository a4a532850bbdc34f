/* made sample, loads nothing: //git.youzzjizz.com/made */
