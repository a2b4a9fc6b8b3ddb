# Who works in the tests' Redmine beside the hub's user: an agent, who may also delete. Keys and passwords are known.
User.find_by_login("casebridge").tap do |hub|
  hub.api_key
  hub.api_token.update_column(:value, "b41d9e" * 6 + "5ec7")
end
ana = User.new(firstname: "Ana", lastname: "Alvarez", language: "en", mail: "ana@example.com", mail_notification: "none")
ana.login = "ana"
ana.password = ana.password_confirmation = "agent-secret"
ana.save!
Member.create!(principal: ana, project: Project.find("support"), roles: [Role.find_by!(name: "Manager")])
