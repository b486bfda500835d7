// A made-up roster of the township's size: 1 centre station, 12 area stations, 96 points, 75 deputies.
const SURNAMES = '薛邱姜姚王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏'.split('');
const GIVEN = ['云', '春梅', '志明', '勇', '建国', '秀英', '海燕', '德福', '桂兰', '永强', '晓东', '玉珍'];
const VILLAGES = ['老街', '三里', '雷河', '永丰', '安乐', '和平', '新民', '河东', '月河', '大同', '凤凰', '石桥'];
const TOPICS = [
  ['01', '农业农村与水利', ['水渠', '饮水', '灌溉', '田']], ['02', '交通道路', ['道路', '公交', '减速带', '路灯', '硬化']],
  ['03', '村镇建设与住房', ['规划', '拆迁', '危房']], ['04', '人居环境与生态', ['垃圾', '改厕', '污水', '河道']],
  ['05', '教育', ['学校', '食堂', '学位']], ['06', '医疗卫生', ['卫生室', '疫苗', '医院']],
  ['07', '社会保障与救助', ['医保', '养老', '低保', '残疾']], ['08', '就业与劳动', ['欠薪', '工资', '培训']],
  ['09', '产业与经济发展', ['市场', '招商', '项目']], ['10', '文化旅游体育', ['广场', '旅游', '健身']],
  ['11', '平安法治', ['治安', '消防', '诈骗', '纠纷']], ['12', '基层治理与干部作风', ['村务', '干部', '服务态度']],
  ['13', '公用事业', ['停电', '停水', '天然气', '信号']], ['99', '其他', []],
];
const pad = (n) => String(n).padStart(3, '0');
const range = (n) => Array.from({length: n}, (_, i) => i + 1);

export const STATIONS = [
  {stationId: 'HK-Z001', name: '恒口镇人大代表联络中心站', tier: 'CENTER', publicName: '恒口镇', officer: '陈干事'},
  ...range(12).map((i) => ({
    stationId: `HK-P${pad(i)}`, name: `恒口镇第${i}片区人大代表联络站`, tier: 'AREA', parentId: 'HK-Z001', publicName: `第${i}片区`,
    grade: i <= 3 ? 'GRADE_HIGH_STANDARD' : 'GRADE_NORMAL',
  })),
  ...range(96).map((i) => ({
    stationId: `HK-D${pad(i)}`, name: `${VILLAGES[(i - 1) % 12]}${i > 12 ? '一二三四五六七'[Math.floor((i - 1) / 12) - 1] : ''}村人大代表联络点`,
    tier: 'POINT', parentId: `HK-P${pad(Math.ceil(i / 8))}`, officer: i === 57 ? '王秀芳' : '', grade: i <= 2 ? 'GRADE_HIGH_STANDARD' : 'GRADE_NORMAL',
  })),
];
export const DEPUTIES = range(75).map((i) => ({
  deputyId: `HK-R${pad(i)}`, name: SURNAMES[(i - 1) % SURNAMES.length] + GIVEN[(i * 5) % GIVEN.length], gender: i % 3 ? '男' : '女',
  homeStationId: i <= 2 ? 'HK-D057' : `HK-D${pad(((i * 7) % 96) + 1)}`,
  mandates: [...(i <= 24 ? [{level: 'MANDATE_DISTRICT'}] : []), ...(i > 24 || i <= 9 ? [{level: 'MANDATE_TOWN'}] : [])],
}));
export const DEPARTMENTS = ['镇水利站', '镇交通站', '镇农业农村办', '镇卫生院', '镇教育办'].map((name, i) => ({departmentId: `HK-B${pad(i + 1).slice(1)}`, name}));
export const CATEGORIES = TOPICS.map(([code, name, keywords]) => ({table: 'category', code, name, keywords}));
