// The parts of Element Plus that the pages use, with their styles. Nothing else of it is bundled.
import 'element-plus/es/components/base/style/css';
import 'element-plus/es/components/button/style/css';
import 'element-plus/es/components/checkbox/style/css';
import 'element-plus/es/components/checkbox-button/style/css';
import 'element-plus/es/components/checkbox-group/style/css';
import 'element-plus/es/components/input/style/css';
import 'element-plus/es/components/radio-button/style/css';
import 'element-plus/es/components/radio-group/style/css';

export {ElButton} from 'element-plus/es/components/button/index';
export {ElCheckbox, ElCheckboxButton, ElCheckboxGroup} from 'element-plus/es/components/checkbox/index';
export {ElConfigProvider} from 'element-plus/es/components/config-provider/index';
export {ElInput} from 'element-plus/es/components/input/index';
export {ElRadioButton, ElRadioGroup} from 'element-plus/es/components/radio/index';
export {default as zhCn} from 'element-plus/es/locale/lang/zh-cn';
