"""Texts of Constancias de Situación Fiscal, laid out as programs copy them from the
PDF; the taxpayers are SAT's public test ones, all else is invented."""

COMPANY = """\
CÉDULA DE IDENTIFICACIÓN FISCAL
URE180429TM6
Registro Federal de Contribuyentes
UNIVERSIDAD ROBOTICA
ESPAÑOLA
Nombre, denominación o razón
social
idCIF: 18040912345
VALIDA TU INFORMACIÓN
FISCAL
CONSTANCIA DE SITUACIÓN FISCAL
Lugar y Fecha de Emisión
CENTRO , TABASCO A 12 DE MARZO DE 2026
URE180429TM6
Datos de Identificación del Contribuyente:
RFC: URE180429TM6
Denominación/Razón Social: UNIVERSIDAD ROBOTICA
ESPAÑOLA
Régimen Capital: SOCIEDAD ANONIMA DE CAPITAL VARIABLE
Nombre Comercial: LA ROBOTICA
Fecha inicio de operaciones: 29 DE ABRIL DE 2018
Estatus en el padrón: ACTIVO
Fecha de último cambio de estado: 29 DE ABRIL DE 2018
Datos del domicilio registrado
Código Postal:86991 Tipo de Vialidad: AVENIDA
Nombre de Vialidad: REFORMA Número Exterior: 10
Número Interior: Nombre de la Colonia: CENTRO
Nombre de la Localidad: VILLAHERMOSA
Nombre del Municipio o Demarcación Territorial: CENTRO
Nombre de la Entidad Federativa: TABASCO Entre Calle: JUAREZ
Página [1] de [3]
Y Calle: MADERO
Actividades Económicas:
Orden Actividad Económica Porcentaje Fecha Inicio Fecha Fin
1 Escuelas de educación superior pertenecientes al sector privado 100 29/04/2018
Regímenes:
Régimen Fecha Inicio Fecha Fin
Régimen General de Ley Personas Morales 29/04/2018
Obligaciones:
Descripción de la Obligación Descripción Vencimiento Fecha Inicio Fecha Fin
Pago definitivo mensual de IVA. A más tardar el día 17 29/04/2018
Sus datos personales son incorporados y protegidos en los sistemas del SAT.
Cadena Original Sello: ||2026/03/12|URE180429TM6|CONSTANCIA DE SITUACIÓN FISCAL|2000||
"""

INDIVIDUAL = """\
CONSTANCIA DE SITUACIÓN FISCAL
Lugar y Fecha de Emisión
GUANAJUATO , GUANAJUATO A 02 DE ENERO DE 2026
Datos de Identificación del Contribuyente:
RFC: CACX7605101P8
CURP: CACX760510MGTSHC09
Nombre (s): XOCHILT
Primer Apellido: CASAS
Segundo Apellido: CHÁVEZ
Fecha inicio de operaciones: 01 DE ENERO DE 2014
Estatus en el padrón: ACTIVO
Fecha de último cambio de estado: 01 DE ENERO DE 2014
Nombre Comercial:
Datos del domicilio registrado
Código
Postal: 36257 Tipo de Vialidad: CALLE
Nombre de Vialidad: ALHONDIGA Número Exterior: 5
Actividades Económicas:
Orden Actividad Económica Porcentaje Fecha Inicio Fecha Fin
1 Asalariado 50 01/01/2014
Página [1] de [2]
Regímenes:
Régimen Fecha Inicio Fecha Fin
Régimen de Sueldos y Salarios e Ingresos Asimilados a Salarios 01/01/2014 31/12/2019
Régimen de las Personas Físicas con Actividades Empresariales y 01/01/2014
Profesionales
Régimen de Arrendamiento 01/05/2020
Página [2] de [2]
Obligaciones:
Descripción de la Obligación Descripción Vencimiento Fecha Inicio Fecha Fin
"""
