export { generateOrganization } from './generate.ts'
export {
  type FaultSpec,
  type GeneratedOrganization,
  type OrganizationOptions,
  scale,
} from './options.ts'
