# made sample
export PATH=$PATH:/opt/bin
# never write: sudo shutdown -h 0 here
