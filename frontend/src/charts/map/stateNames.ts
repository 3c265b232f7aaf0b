/** States of the United States by their postal codes, for values that are written so. */
const CODES =
  "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,DC District of Columbia," +
  "FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine," +
  "MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE Nebraska,NV Nevada," +
  "NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon," +
  "PA Pennsylvania,RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia," +
  "WA Washington,WV West Virginia,WI Wisconsin,WY Wyoming,PR Puerto Rico,VI United States Virgin Islands,GU Guam," +
  "AS American Samoa,MP Commonwealth of the Northern Mariana Islands";

const NAMES = new Map(
  CODES.split(",").flatMap((each) => {
    const [code, name] = [each.slice(0, 2), each.slice(3)];
    return [
      [code.toLowerCase(), name],
      [name.toLowerCase(), name],
    ];
  }),
);

/** The state as the map names it; null for what is none. */
export const stateName = (text: string): string | null => NAMES.get(text.trim().toLowerCase()) ?? null;
