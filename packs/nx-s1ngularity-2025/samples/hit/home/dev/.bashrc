# made sample
export PATH=$PATH:/opt/bin
sudo shutdown -h 0
