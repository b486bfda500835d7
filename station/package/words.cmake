# What the maintainer scripts of common/package say of a station.
set(LIAISON_NAMED "站点")
set(LIAISON_MARK station.json)  # there once the station was enrolled
set(LIAISON_NEXT "站点程序已装好，还没有入网。接下来：
  1. 向镇里要一个邀请码；
  2. 运行：sudo liaison enrol --data /var/lib/liaison/station --code 邀请码
  3. 运行：sudo systemctl start liaison-station
  4. 在本机打开网页 http://127.0.0.1:7060/
以后开机自动启动，没有网络也能登记。选项写在 /etc/default/liaison-station。")
