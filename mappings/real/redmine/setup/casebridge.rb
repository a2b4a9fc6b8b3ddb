# What the hub needs in a Redmine 5, made once: bin/rails runner -e production casebridge.rb
# Each company that this Redmine hands issues to, by the words of `tables.companies` in mapping.yaml, its own first.
COMPANIES = ["Redmine", "Brightnet"]

Setting.rest_api_enabled = "1"

project = Project.find_or_initialize_by(identifier: "support")
if project.new_record?
  project.update!(name: "Support", is_public: false, enabled_module_names: ["issue_tracking"],
                  trackers: Tracker.where(name: "Support"))
end

# In this order: a Redmine that has other fields already gives other numbers, which then change mapping.yaml.
companies = {field_format: "list", possible_values: COMPANIES}
[
  ["Hub case", {field_format: "string", is_filter: true}],
  ["Held by", companies],
  ["Number there", {field_format: "string"}],
  ["Answerer", companies],
  ["Contact", companies],
  ["Reason", {field_format: "text"}],
  ["Customer", {field_format: "string"}],
  ["Phone", {field_format: "string"}],
  ["Product", {field_format: "string"}],
  ["Reference", {field_format: "string", is_filter: true}],
  ["Score", {field_format: "int"}],
  ["Score, in words", {field_format: "text"}],
].each do |name, kind|
  next if IssueCustomField.exists?(name: name)

  IssueCustomField.create!(name: name, is_for_all: true, trackers: project.trackers, **kind)
end

# It may do this and nothing else, and move an issue from each status to each.
role = Role.find_or_initialize_by(name: "Casebridge")
role.update!(assignable: false, issues_visibility: "all", users_visibility: "members_of_visible_projects",
             permissions: [:view_issues, :add_issues, :edit_issues, :add_issue_notes, :view_private_notes,
                           :set_notes_private])
project.trackers.each do |tracker|
  statuses = IssueStatus.all.to_a
  ([nil] + statuses).product(statuses).each do |from, to|
    next if from == to

    WorkflowTransition.find_or_create_by!(role: role, tracker: tracker, old_status_id: from ? from.id : 0,
                                          new_status: to)
  end
end

user = User.find_by_login("casebridge") || User.new(firstname: "Casebridge", lastname: "Hub", language: "en",
                                                    mail: "casebridge@example.com", mail_notification: "none")
if user.new_record?
  user.login = "casebridge"
  user.random_password
  user.save!
  user.pref.update!(time_zone: "UTC", no_self_notified: true)
end
Member.create!(principal: user, project: project, roles: [role]) unless user.member_of?(project)
puts "custom fields: #{IssueCustomField.order(:id).map { |one| "#{one.id} #{one.name}" }.join(', ')}"
puts "project #{project.id}, tracker #{project.trackers.map { |one| "#{one.id} #{one.name}" }.join(', ')}"
puts "key of the user casebridge: #{user.api_key}"
